-- +goose Up
-- A kanji that Unicode has twice is found by either since this version. Members whose names have one (U+FA10 to U+FA6A, 巿,
-- 莵) are given their terms anew by the program, after this.
UPDATE customers SET terms = 0 WHERE name ~ '[\uFA10-\uFA6A巿莵]' OR name_kana ~ '[\uFA10-\uFA6A巿莵]';
