package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
)

// TestACommitWhoseAnswerIsLost: the first commit of a conversion was made, or was not; nobody heard. Nobody is told that it
// failed, and with its key the request has one effect.
func TestACommitWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	b := newProcBed(t, storetest.Postgres(t), "CONVERT_WAIT=20s", "POS_TIMEOUT=1s", "SHOPIFY_TIMEOUT=1s", "STEP_LEASE=1500ms", "SETTLE_AFTER=1500ms")
	w, through := newWire(t, b.db.URL)
	p := b.start("DATABASE_URL=" + through)
	for _, made := range []bool{true, false} {
		t.Run(fmt.Sprintf("made %v", made), func(t *testing.T) {
			b := b.on(t)
			member := b.member(p)
			gone := w.loseCommit("INSERT INTO coupons", made)
			answered := p.convert(member, "lost-"+member)
			await(t, "the commit's answer is lost", gone)
			told := await(t, "an answer", answered)
			if told.status != http.StatusCreated && told.status != http.StatusAccepted &&
				(told.status != http.StatusConflict || !strings.Contains(told.raw, "_in_progress")) {
				t.Fatalf("%+v\n%s", told, p.log.String())
			}
			var again reply
			eventually(t, "the same key gets the coupon", func() bool {
				again = p.post("/v1/customers/"+member+"/conversions", "lost-"+member, `{"points": 500}`)
				return again.status == http.StatusCreated || again.status == http.StatusAccepted
			})
			b.settledOnce(p, member, "lost-"+member, again)
			if active := b.books(member); len(active) != 1 || b.codes(member) != 1 {
				t.Fatalf("%d coupons, %d codes", len(active), b.codes(member))
			}
		})
	}
}

// TestADatabaseThatTakesNoWrites: a primary that became read-only is no fault of ours. Requests are told when to come again,
// readiness says so, and the same process works on when there is a primary again.
func TestADatabaseThatTakesNoWrites(t *testing.T) {
	t.Parallel()
	b := newProcBed(t, storetest.Postgres(t))
	p := b.start("DATABASE_URL=" + b.db.URL + "&application_name=served")
	member := b.member(p)
	b.readOnly("on")
	got := await(t, "an answer", p.convert(member, "ro-1"))
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.raw, `"temporarily_unavailable"`) || got.header.Get("Retry-After") == "" {
		t.Fatalf("%+v", got)
	}
	b.readiness(p, http.StatusServiceUnavailable, `"writes"`)
	b.readOnly("off")
	b.readiness(p, http.StatusOK, "ready")
	if got := await(t, "an answer", p.convert(member, "ro-1")); got.status != http.StatusCreated {
		t.Fatalf("%+v", got)
	}
	if active := b.books(member); len(active) != 1 {
		t.Fatalf("%d coupons", len(active))
	}
}

// readOnly makes the database take no writes, or take them again, as a failover does: the process is cut off.
func (b *procBed) readOnly(value string) {
	b.t.Helper()
	db, name := b.admin()
	if _, err := db.ExecContext(b.t.Context(), `ALTER DATABASE `+name+` SET default_transaction_read_only = `+value); err != nil {
		b.t.Fatal(err)
	}
	b.cutOff(db, name)
}

// admin connects beside the database, and gives its name.
func (b *procBed) admin() (*sql.DB, string) {
	b.t.Helper()
	u, err := url.Parse(b.db.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	u.Path = "/postgres"
	db, err := sql.Open("pgx", u.String())
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = db.Close() })
	return db, name
}

func (b *procBed) cutOff(db *sql.DB, name string) {
	b.t.Helper()
	if _, err := db.ExecContext(context.WithoutCancel(b.t.Context()), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'served'`, name); err != nil {
		b.t.Fatal(err)
	}
}

// readiness waits until the process says so.
func (b *procBed) readiness(p *proc, status int, holding string) {
	b.t.Helper()
	eventually(b.t, "readiness is "+holding, func() bool {
		got := p.till().do("GET", "/readyz", "", "")
		return got.status == status && strings.Contains(string(got.raw), holding)
	})
}

// TestRequestsInFlightWhenTheDatabaseRestarts: none of them is told that we broke, and no point is lost or taken twice.
func TestRequestsInFlightWhenTheDatabaseRestarts(t *testing.T) {
	t.Parallel()
	b := newProcBed(t, storetest.Postgres(t), "CONVERT_WAIT=20s", "POS_TIMEOUT=1s", "SHOPIFY_TIMEOUT=1s", "STEP_LEASE=1500ms", "SETTLE_AFTER=1500ms")
	p := b.start("DATABASE_URL=" + b.db.URL + "&application_name=served")
	db, name := b.admin()
	members := make([]string, 6)
	for i := range members {
		members[i] = b.member(p)
	}
	g := b.hold(deductAct, sim.Before)
	var wg sync.WaitGroup
	said := make(chan reply, 4*len(members))
	for _, m := range members {
		wg.Go(func() {
			for range 4 {
				said <- p.post("/v1/customers/"+m+"/conversions", "restart-"+m, `{"points": 500}`)
			}
		})
	}
	await(t, "one is in the middle", g.reached)
	for range 5 {
		b.cutOff(db, name)
	}
	g.open()
	wg.Wait()
	close(said)
	for got := range said {
		switch got.status {
		case http.StatusCreated, http.StatusAccepted, http.StatusConflict:
		case http.StatusServiceUnavailable:
			if got.header.Get("Retry-After") == "" {
				t.Errorf("%+v", got)
			}
		default:
			t.Errorf("%+v", got)
		}
	}
	for _, m := range members {
		var got reply
		eventually(t, "the same key gets the coupon", func() bool {
			got = p.post("/v1/customers/"+m+"/conversions", "restart-"+m, `{"points": 500}`)
			return got.status == http.StatusCreated || got.status == http.StatusAccepted
		})
		b.settledOnce(p, m, "restart-"+m, got)
	}
	if active := b.books(members...); len(active) != len(members) {
		t.Fatalf("%d coupons", len(active))
	}
}

// TestADatabaseWhoseCommitsHang: it waits for a standby that is lost. Readiness does not wait with it, requests get an
// answer, and afterwards the books are right.
func TestADatabaseWhoseCommitsHang(t *testing.T) {
	t.Parallel()
	b := newProcBed(t, storetest.Postgres(t), "CONVERT_WAIT=1s", "POS_TIMEOUT=1s", "SHOPIFY_TIMEOUT=1s", "STEP_LEASE=1500ms", "SETTLE_AFTER=1500ms")
	w, through := newWire(t, b.db.URL)
	p := b.start("DATABASE_URL=" + through)
	first, member := b.member(p), b.member(p)
	eventually(t, "the shop has been asked for its settings, and a coupon is made", func() bool {
		return p.post("/v1/customers/"+first+"/conversions", "before-1", `{"points": 500}`).status < http.StatusBadRequest
	})
	w.hold()
	answered := p.convert(member, "held-1")
	b.readiness(p, http.StatusServiceUnavailable, `"writes"`)
	told := await(t, "an answer", answered)
	if told.status != http.StatusServiceUnavailable && told.status != http.StatusConflict && told.status != http.StatusAccepted {
		t.Fatalf("%+v", told)
	}
	w.free()
	w.cutAll()
	b.readiness(p, http.StatusOK, "ready")
	var again reply
	eventually(t, "the same key gets the coupon", func() bool {
		again = p.post("/v1/customers/"+member+"/conversions", "held-1", `{"points": 500}`)
		return again.status == http.StatusCreated || again.status == http.StatusAccepted
	})
	b.settledOnce(p, member, "held-1", again)
	if active := b.books(member); len(active) != 1 || b.codes(member) != 1 {
		t.Fatalf("%d coupons, %d codes", len(active), b.codes(member))
	}
}
