package mailbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// listed is how many mails the page shows; the JSON has all of them.
const listed = 200

// policy lets nothing run and nothing be fetched. A frame with srcdoc inherits it, and mails style themselves inline,
// hence style-src.
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler shows the mails. For programs: GET /messages (an array, newest first) and GET /messages/{n}. For people: GET
// / and GET /mails/{n}. Faults are ordered at /_sim/faults, with the mailbox's own username and password when it has
// them.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /messages", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, append([]Message{}, s.Messages()...))
	})
	mux.HandleFunc("GET /messages/{n}", s.one(func(w http.ResponseWriter, _ *http.Request, m Message) { writeJSON(w, m) }))
	mux.HandleFunc("GET /mails/{n}", s.one(func(w http.ResponseWriter, r *http.Request, m Message) {
		v := view{Lang: languageOf(w, r), Mail: &m, zone: s.cfg.Zone}
		v.Title = v.Subject(m)
		s.writePage(w, "mail", v)
	}))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		list := s.Messages()
		v := view{Lang: languageOf(w, r), List: list[:min(len(list), listed)], zone: s.cfg.Zone}
		v.Title = v.In("メールボックス", "Mailbox")
		s.writePage(w, "list", v)
	})
	if s.cfg.Faults != nil {
		mux.Handle("/_sim/faults", s.guarded(s.cfg.Faults.Handler()))
	}
	return mux
}

// one finds the mail a path names.
func (s *Server) one(show func(http.ResponseWriter, *http.Request, Message)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.PathValue("n"))
		m, ok := s.message(n)
		if err != nil || !ok {
			http.NotFound(w, r)
			return
		}
		show(w, r, m)
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

func (s *Server) writePage(w http.ResponseWriter, name string, v view) {
	var page bytes.Buffer
	if err := s.pages.ExecuteTemplate(&page, name, v); err != nil {
		http.Error(w, "the page cannot be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", v.Lang)
	w.Header().Set("Vary", "Accept-Language, Cookie")
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
	_, _ = w.Write(page.Bytes()) // as above
}
