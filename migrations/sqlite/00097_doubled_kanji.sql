-- +goose Up
-- A kanji that Unicode has twice is found by either since this version. Members whose names have one (U+FA10 to U+FA6A, 巿,
-- 莵) are given their terms anew by the program, after this.
UPDATE customers SET terms = 0 WHERE name GLOB '*[' || char(0xFA10) || '-' || char(0xFA6A) || '巿莵]*'
    OR name_kana GLOB '*[' || char(0xFA10) || '-' || char(0xFA6A) || '巿莵]*';
