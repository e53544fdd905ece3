package sim_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pointbridge/integrations/sim"
	"pointbridge/test/expect"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	t.Run("a rule is used up as often as it says", func(t *testing.T) {
		t.Parallel()
		var f sim.Faults
		f.Add(sim.Rule{Act: "a", Mode: sim.Refuse, Count: 2})
		f.Add(sim.Rule{Act: "a", Mode: sim.Throttle})
		var modes []string
		for range 4 {
			if r, ok := f.Take("a", ""); ok {
				modes = append(modes, string(r.Mode))
			}
		}
		if got := strings.Join(modes, " "); got != "refuse refuse throttle" {
			t.Fatal(got)
		}
	})
	t.Run("always, until cleared", func(t *testing.T) {
		t.Parallel()
		var f sim.Faults
		f.Add(sim.Rule{Act: "a", Mode: sim.Refuse, Count: -1})
		for range 10 {
			if _, ok := f.Take("a", ""); !ok {
				t.Fatal("used up")
			}
		}
		f.Clear()
		if _, ok := f.Take("a", ""); ok {
			t.Fatal("not cleared")
		}
	})
	t.Run("only the subjects that match", func(t *testing.T) {
		t.Parallel()
		var f sim.Faults
		f.Add(sim.Rule{Act: "a", Mode: sim.Refuse, Match: func(s string) bool { return s == "x" }})
		if _, ok := f.Take("a", "y"); ok {
			t.Fatal("y matched")
		}
		if _, ok := f.Take("a", "x"); !ok {
			t.Fatal("x did not match")
		}
	})
	t.Run("nil makes nothing go wrong", func(t *testing.T) {
		t.Parallel()
		var f *sim.Faults
		f.Begin(t.Context(), "a")
		f.End("a")
		if _, ok := f.Take("a", ""); ok {
			t.Fatal("a rule came from nothing")
		}
	})
	t.Run("a delay ends with the caller's patience", func(t *testing.T) {
		t.Parallel()
		var f sim.Faults
		f.SetDelay("a", time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		f.Begin(ctx, "a")
	})
	t.Run("hooks see both sides of an act", func(t *testing.T) {
		t.Parallel()
		var f sim.Faults
		var seen []string
		f.OnAct(func(act string, phase sim.Phase) { seen = append(seen, act+" "+string(phase)) })
		f.Begin(t.Context(), "a")
		f.End("a")
		if got := strings.Join(seen, ", "); got != "a before, a after" {
			t.Fatal(got)
		}
	})
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	serve := func(t *testing.T, r sim.Rule) (*http.Response, error) {
		t.Helper()
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if !r.Answer(w, req) {
				w.WriteHeader(http.StatusTeapot)
			}
		}))
		t.Cleanup(s.Close)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		return s.Client().Do(req)
	}
	for mode, want := range map[sim.Mode]int{sim.Status: 503, sim.StatusAfter: 503, sim.BrokenAnswer: 200,
		sim.Refuse: 418, sim.Internal: 418} {
		res, err := serve(t, sim.Rule{Mode: mode, Code: 503, RetryAfter: "7"})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if res.StatusCode != want || (want == 503 && res.Header.Get("Retry-After") != "7") {
			t.Errorf("%s answers %d %v", mode, res.StatusCode, res.Header)
		}
	}
	if res, err := serve(t, sim.Rule{Mode: sim.Status}); err != nil || res.Body.Close() != nil ||
		res.StatusCode != 503 {
		t.Errorf("a status that was not named: %v %v", res, err)
	}
	for _, mode := range []sim.Mode{sim.DropBefore, sim.LoseAnswer} {
		res, err := serve(t, sim.Rule{Mode: mode})
		if err == nil {
			_ = res.Body.Close()
			t.Errorf("%s answered %d", mode, res.StatusCode)
		}
	}
}

func TestHang(t *testing.T) {
	t.Parallel()
	for _, mode := range []sim.Mode{sim.Hang, sim.HangAfter} {
		reached := make(chan struct{}, 1)
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			reached <- struct{}{}
			sim.Rule{Mode: mode}.Answer(w, req)
		}))
		ctx, giveUp := context.WithCancel(t.Context())
		go func() { <-reached; giveUp() }()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := s.Client().Do(req); err == nil {
			_ = res.Body.Close()
			t.Errorf("%s answered %d", mode, res.StatusCode)
		}
		s.Close()
	}
}

func TestControl(t *testing.T) {
	t.Parallel()
	var f sim.Faults
	s := httptest.NewServer(f.Handler())
	t.Cleanup(s.Close)
	call := func(method, body string) int {
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	if got := call("POST", `{"act":"a","mode":"status","status":429,"retry_after":"3","count":1}`); got != 204 {
		t.Fatal(got)
	}
	r, ok := f.Take("a", "")
	expect.MustEqual(t, "ok", ok, true)
	expect.MustEqual(t, "r.Code", r.Code, 429)
	expect.MustEqual(t, "r.RetryAfter", r.RetryAfter, "3")
	for _, bad := range []string{`nonsense`, `{}`, `{"act":"a"}`, `{"act":"a","mode":"explode"}`, `{"mode":"hang"}`,
		`{"act":"a","delay_ms":-1}`,
		`{"act":"a","mode":"status","status":7}`, `{"act":"a","mode":"hang","times":3}`} {
		if got := call("POST", bad); got != 400 {
			t.Errorf("%s is answered %d", bad, got)
		}
	}
	if _, ok := f.Take("a", ""); ok {
		t.Error("a bad rule was taken")
	}
	if call("POST", `{"act":"a","delay_ms":5}`) != 204 || call("POST", `{"act":"a","mode":"hang","count":-1}`) != 204 ||
		call("GET", "") != 405 {
		t.Fatal("a good request is refused, or a bad method passes")
	}
	if call("DELETE", "") != 204 {
		t.Fatal("cannot be cleared")
	}
	if _, ok := f.Take("a", ""); ok {
		t.Fatal("not cleared")
	}
}
