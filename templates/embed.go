// Package templates holds what people read: the catalogue of texts in each language, the forms of money, dates and
// numbers, and the templates of pages and mails that the texts stand in.
package templates

import "embed"

// words holds the catalogue: one folder per language, one file per area.
//
//go:embed words
var words embed.FS

// Mail holds one file per kind of mail, each with the blocks "subject", "text" and "body".
//
//go:embed mail/*.tmpl
var Mail embed.FS

// Web holds the pages: layout, parts, one file per page, and what browsers load.
//
//go:embed web
var Web embed.FS

// Demo holds the page that leads through the demo, and its style.
//
//go:embed demo
var Demo embed.FS
