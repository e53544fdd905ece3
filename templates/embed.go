// Package templates holds what people read: mails, and the forms of money, dates and numbers in each language.
package templates

import "embed"

// Mail holds one file per kind and language, each with the blocks "subject", "text" and "html".
//
//go:embed mail/*.tmpl
var Mail embed.FS

// Web holds the pages: layout, parts, one file per page, the words in each language, and what browsers load.
//
//go:embed web
var Web embed.FS

// Demo holds the page that leads through the demo, and its style.
//
//go:embed demo
var Demo embed.FS
