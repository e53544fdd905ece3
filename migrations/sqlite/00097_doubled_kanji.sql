-- +goose Up
-- A kanji that Unicode has twice is found by either since this version. Members whose names have one of those that are
-- there for the sake of older character sets, or 巿 or 莵, are given their terms anew by the program, after this.
UPDATE customers SET terms = 0 WHERE name GLOB '*[' || char(0xF900) || '-' || char(0xFAD9) || '巿莵]*'
    OR name_kana GLOB '*[' || char(0xF900) || '-' || char(0xFAD9) || '巿莵]*';
