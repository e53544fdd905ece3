package main

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
)

const (
	deductAct = "pos.deduct"
	createAct = "shopify.discountCodeBasicCreate"
)

// TestStopWhileConverting asks a real process to stop while the outside holds a conversion up: it answers, it finishes, it
// ends well, and the next process finds everything.
// covers: 004-01, H-16
func TestStopWhileConverting(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := newProcBed(t, db)
		for _, c := range []struct {
			name   string
			act    string
			phase  sim.Phase
			wait   string
			status int
		}{
			{"the till is slow", deductAct, sim.Before, "60s", http.StatusCreated},
			{"the till's answer is slow", deductAct, sim.After, "60s", http.StatusCreated},
			{"Shopify is slow", createAct, sim.Before, "60s", http.StatusCreated},
			{"the till outlasts the request", deductAct, sim.Before, "200ms", http.StatusAccepted},
			{"Shopify outlasts the request", createAct, sim.After, "200ms", http.StatusAccepted},
		} {
			t.Run(c.name, func(t *testing.T) {
				b := b.on(t)
				p := b.start("CONVERT_WAIT=" + c.wait)
				member := b.member(p)
				g := b.hold(c.act, c.phase)
				answered := p.convert(member, "stop-"+member)
				await(t, "the act is reached", g.reached)
				p.terminate()
				var got reply
				if c.status == http.StatusAccepted {
					got = await(t, "the request is answered while the process stops", answered)
				}
				select {
				case <-p.ended:
					t.Fatal("the process did not wait for what was running")
				default:
				}
				g.open()
				if c.status == http.StatusCreated {
					got = await(t, "the request is answered", answered)
				}
				await(t, "the process ends", p.ended)
				if got.err != nil || got.status != c.status || p.err != nil {
					t.Fatalf("answered %d %s %v, ended with %v\n%s", got.status, got.raw, got.err, p.err, p.log.String())
				}
				b.settledOnce(b.start(), member, "stop-"+member, got)
			})
		}
	})
}

// TestStopThatCannotWait: an outside that never answers does not keep a process from stopping; the next one finishes the
// conversion, and what arrives late at the till changes nothing.
// covers: H-14, T-10
func TestStopThatCannotWait(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := newProcBed(t, db, "POS_TIMEOUT=2s", "SHOPIFY_TIMEOUT=2s", "STEP_LEASE=2500ms", "SETTLE_AFTER=2500ms")
		for _, act := range []string{deductAct, createAct} {
			t.Run(act, func(t *testing.T) {
				b := b.on(t)
				p := b.start("CONVERT_WAIT=200ms", "SHUTDOWN_TIMEOUT=1200ms")
				member := b.member(p)
				g := b.hold(act, sim.Before)
				answered := p.convert(member, "stop-"+member)
				await(t, "the act is reached", g.reached)
				p.terminate()
				got := await(t, "the request is answered while the process stops", answered)
				await(t, "the process ends", p.ended)
				if got.err != nil || got.status != http.StatusAccepted || p.err == nil {
					t.Fatalf("answered %d %s %v, ended with %v", got.status, got.raw, got.err, p.err)
				}
				next := b.start()
				b.settledOnce(next, member, "stop-"+member, got)
				b.late(act, g) // only now the till or the store hears what the first process sent
				next.terminate()
				await(t, "the process ends", next.ended)
				if b.books(member); b.codes(member) != 1 || next.err != nil {
					t.Fatalf("%d codes, ended with %v", b.codes(member), next.err)
				}
			})
		}
	})
}

// late opens the gate for an act that nobody waits for any more, and returns once it took effect.
func (b *procBed) late(act string, g *gate) {
	b.t.Helper()
	done := b.hold(act, sim.After)
	g.open()
	await(b.t, "the late act is carried out", done.reached)
	done.open()
}

// on makes the bed report to a subtest.
func (b *procBed) on(t *testing.T) *procBed {
	b.t = t
	return b
}

// settledOnce waits until the conversion has come to rest in this process and checks that it happened once, as told.
func (b *procBed) settledOnce(p *proc, member, key string, told reply) {
	b.t.Helper()
	address := "/v1/customers/" + member + "/conversions/" + key
	var now answer
	eventually(b.t, "the conversion is finished", func() bool {
		now = p.till().do("GET", address, "", "")
		return now.status != http.StatusAccepted
	})
	code, _ := now.body["code"].(string)
	if now.status != http.StatusOK || now.body["status"] != "active" || code == "" {
		b.t.Fatalf("%d %s", now.status, now.raw)
	}
	if told.status == http.StatusCreated && !strings.Contains(told.raw, code) {
		b.t.Errorf("told %s, and now it is %s", told.raw, code)
	}
	if told.status == http.StatusAccepted && told.header.Get("Location") != address {
		b.t.Errorf("told to look at %q", told.header.Get("Location"))
	}
	if again := p.post("/v1/customers/"+member+"/conversions", key, `{"points": 500}`); again.header.Get("Idempotent-Replayed") != "true" ||
		(told.status != 0 && again.status != told.status) {
		b.t.Errorf("the same request again: %+v", again)
	}
	if active := b.books(member); len(active) != 1 || active[0].Code != code || b.codes(member) != 1 {
		b.t.Errorf("%d active coupons, %d codes", len(active), b.codes(member))
	}
}
