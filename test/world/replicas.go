package world

import (
	"net/http"
	"strings"
	"sync"
)

// SameKeyAtOnce sends one request to every process several times at once.
func (b *Processes) SameKeyAtOnce(key string, list ...*Proc) {
	b.T.Helper()
	member := b.Member(list[0])
	var wg sync.WaitGroup
	replies := make(chan Reply, 3*len(list))
	for range 3 {
		for _, p := range list {
			wg.Go(func() { replies <- p.Post("/v1/customers/"+member+"/conversions", key, `{"points": 500}`) })
		}
	}
	wg.Wait()
	close(replies)
	active := b.Books(member)
	if len(active) != 1 || b.Codes(member) != 1 {
		b.T.Fatalf("%d coupons, %d codes", len(active), b.Codes(member))
	}
	first := 0
	for r := range replies {
		switch {
		case r.Status == http.StatusCreated && strings.Contains(r.Raw, active[0].Code):
			if r.Header.Get("Idempotent-Replayed") == "" {
				first++
			}
		case r.Status == http.StatusConflict && strings.Contains(r.Raw, `"request_in_progress"`):
		default:
			b.T.Errorf("%+v", r)
		}
	}
	if first != 1 {
		b.T.Errorf("%d requests were answered as the first", first)
	}
}

// NoSweepRuns waits until no process is in the middle of a sweep: one that died in it would only be missed after a
// while, which is not what is looked at here.
func (b *Processes) NoSweepRuns() {
	b.T.Helper()
	db := b.Store.DB()
	Eventually(b.T, "no sweep runs", func() bool {
		var n int
		if err := db.QueryRowContext(b.T.Context(),
			`SELECT count(*) FROM river_job WHERE kind = 'sweep' AND state <> 'completed'`).Scan(&n); err != nil {
			b.T.Fatal(err)
		}
		return n == 0
	})
}
