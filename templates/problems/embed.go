// Package problems holds the sentences of every problem document, one file per language. Each code has a title and one or
// more details; the first detail whose figures are all known is used, and the last one needs none. The rules are what is
// said of a single field.
package problems

import "embed"

// Files are the sentences: ja.json, en.json.
//
//go:embed *.json
var Files embed.FS
