package store_test

import (
	"strings"
	"testing"

	"pointbridge/integrations/store"
)

func TestPlaintext(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"postgres://u@db.example.com/x":                                    "db.example.com",
		"postgres://u@db.example.com/x?sslmode=prefer":                     "db.example.com",
		"postgres://u@db.example.com/x?sslmode=allow":                      "db.example.com",
		"postgres://u@db.example.com/x?sslmode=disable":                    "db.example.com",
		"postgresql://u@10.0.0.5:6432/x?sslmode=disable":                   "10.0.0.5",
		"postgres://u@db.example.com/x?sslmode=require":                    "",
		"postgres://u@db.example.com/x?sslmode=verify-ca":                  "",
		"postgres://u@db.example.com/x?sslmode=verify-full":                "",
		"postgres://u@127.0.0.1/x":                                         "",
		"postgres://u@localhost:5433/x?sslmode=disable":                    "",
		"postgres://u@[::1]/x":                                             "",
		"postgres:///x?host=/var/run/postgresql":                           "",
		"postgres://u@127.0.0.1:1,db-1.example.com:2,db-2.example.com:3/x": "db-1.example.com db-2.example.com",
		"postgres:///x?host=localhost,db.example.com":                      "db.example.com",
		"postgres://u@localhost/x?host=db.example.com":                     "db.example.com",
		"postgres://u@localhost.example.com/x":                             "localhost.example.com",
		"postgres://u@127.0.0.1.example.com/x":                             "127.0.0.1.example.com",
		"postgres://u@db.example.com,127.0.0.1/x?sslmode=require":          "",
		"sqlite:/var/lib/pointbridge/data.db":                              "",
	} {
		got, err := store.Plaintext(url)
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %v, %v; want %q", url, got, err, want)
		}
	}
	if _, err := store.Plaintext("postgres://u:hunter2@db.example.com/x?sslmode=sometimes"); err == nil ||
		strings.Contains(err.Error(), "hunter2") {
		t.Errorf("what cannot be read: %v", err)
	}
}

// TestSeveralServersWithoutAWordWhich are found in an address; one server's two ways to be spoken to are one server.
func TestSeveralServersWithoutAWordWhich(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"postgres://u@one.example,two.example/x?sslmode=require":                                 true,
		"postgres://u@127.0.0.1:5432,127.0.0.1:5433/x":                                           true,
		"postgres://u@one.example,two.example/x?sslmode=require&target_session_attrs=read-write": false,
		"postgres://u@one.example,two.example/x?sslmode=require&target_session_attrs=primary":    false,
		"postgres://u@one.example,two.example/x?sslmode=require&target_session_attrs=any":        true,
		"postgres://u@one.example/x":                                                             false,
		"sqlite:one,two":                                                                         false,
		"postgres://u@one.example,two.example/x?sslmode=sometimes":                               false,
	} {
		if got := store.AnyServer(url); got != want {
			t.Errorf("%s: %v", url, got)
		}
	}
}
