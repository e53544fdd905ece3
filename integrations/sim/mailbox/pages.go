package mailbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// listed is how many mails the page shows; the JSON has all of them.
const listed = 200

// policy lets nothing run and nothing be fetched. A frame with srcdoc inherits it, and mails style themselves inline, hence
// style-src.
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler shows the mails. For programs: GET /messages (an array, newest first) and GET /messages/{n}. For people: GET / and
// GET /mails/{n}. Faults are ordered at /_sim/faults, with the mailbox's own username and password when it has them.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /messages", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, append([]Message{}, s.Messages()...))
	})
	mux.HandleFunc("GET /messages/{n}", s.one(func(w http.ResponseWriter, m Message) { writeJSON(w, m) }))
	mux.HandleFunc("GET /mails/{n}", s.one(func(w http.ResponseWriter, m Message) { s.writePage(w, "mail", m) }))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		list := s.Messages()
		s.writePage(w, "list", list[:min(len(list), listed)])
	})
	if s.cfg.Faults != nil {
		mux.Handle("/_sim/faults", s.guarded(s.cfg.Faults.Handler()))
	}
	return mux
}

// one finds the mail a path names.
func (s *Server) one(show func(http.ResponseWriter, Message)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.PathValue("n"))
		m, ok := s.message(n)
		if err != nil || !ok {
			http.NotFound(w, r)
			return
		}
		show(w, m)
	}
}

func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		username, password, _ := r.BasicAuth()
		if s.cfg.Username != "" && !s.admits(username, password) {
			w.Header().Set("WWW-Authenticate", `Basic realm="mailbox"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func writeJSON(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_ = json.NewEncoder(w).Encode(body) // a reader who has gone away hears nothing
}

func (s *Server) writePage(w http.ResponseWriter, name string, data any) {
	var page bytes.Buffer
	if err := s.pages.ExecuteTemplate(&page, name, data); err != nil {
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write(page.Bytes()) // as above
}

// pagesText: links in a mail open in a tab of their own; scripts in a mail never run. The pages' own links are relative,
// because the mailbox may stand below a path.
const pagesText = `
{{define "head"}}<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.}}</title>
<link rel="icon" href="data:,">
<style>:root{color-scheme:light dark;--ground:#f6f7f6;--paper:#fff;--ink:#17211f;--soft:#52605c;--line:#d8dedb;--link:#0b5750}
@media (prefers-color-scheme:dark){:root{--ground:#101514;--paper:#182020;--ink:#e7eeec;--soft:#a6b4b0;--line:#2d3937;--link:#83dbd0}}
*{box-sizing:border-box}body{font:16px/1.55 system-ui,sans-serif;max-width:48rem;margin:0 auto;padding:1.5rem 1rem 3rem;background:var(--ground);color:var(--ink)}
h1{font-size:1.5rem;line-height:1.3;margin:0 0 1rem;overflow-wrap:anywhere}h2{font-size:1.125rem;margin:1.5rem 0 .5rem}a{color:var(--link)}
ul,dl,pre,.none{background:var(--paper);border:1px solid var(--line);border-radius:10px;margin:0;padding:1rem 1.25rem}
ul{list-style:none;padding:.25rem 1.25rem}li{padding:.75rem 0;overflow-wrap:anywhere}li+li{border-top:1px solid var(--line)}
li span,dt{color:var(--soft);font-size:.875rem}dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1.25rem}dt,dd{margin:0;overflow-wrap:anywhere}
pre{font:inherit;white-space:pre-wrap;overflow-wrap:anywhere}iframe{width:100%;height:42rem;border:1px solid var(--line);border-radius:10px;background:Canvas}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}</style></head><body>{{end}}

{{define "list"}}{{template "head" "Mailbox"}}<main><h1>Mailbox</h1>
{{if .}}<ul>{{range .}}<li><a href="mails/{{.N}}">{{or .Subject "(no subject)"}}</a><br>
<span>{{.To}} · <time datetime="{{.At.Format "2006-01-02T15:04:05Z07:00"}}">{{.At.Format "2006-01-02 15:04:05 MST"}}</time></span></li>{{end}}</ul>
{{else}}<p class="none">No mail has arrived yet.</p>{{end}}</main></body></html>{{end}}

{{define "mail"}}{{template "head" .Subject}}<main><p><a href="../">← All mails</a></p><h1>{{or .Subject "(no subject)"}}</h1>
<dl><dt>To</dt><dd>{{.To}}</dd><dt>From</dt><dd>{{.From}}</dd><dt>Arrived</dt><dd>{{.At.Format "2006-01-02 15:04:05 MST"}}</dd></dl>
{{with .HTML}}<h2>As HTML</h2><iframe title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="{{print "<base target=_blank>" .}}"></iframe>{{end}}
{{with .Text}}<h2>As text</h2><pre>{{.}}</pre>{{end}}</main></body></html>{{end}}
`
