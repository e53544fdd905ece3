package store_test

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/guard"
	"pointbridge/integrations/store/storetest"
)

// guardShop is the part of the shop that the guard needs. die is asked before and after each act of the outside: an
// error stands for a process that died there.
type guardShop struct {
	plus, lag bool
	discounts []string
	fields    map[string]string
	writes    int
	made      int
	defined   bool
	die       func() error
}

func (g *guardShop) act(do func()) error {
	for _, part := range []func(){func() {}, do} {
		part()
		if g.die == nil {
			continue
		}
		if err := g.die(); err != nil {
			return err
		}
	}
	return nil
}

func (g *guardShop) ReadPlus(context.Context) (bool, error) { return g.plus, nil }
func (g *guardShop) FindGuards(context.Context) ([]string, error) {
	if g.lag {
		return nil, nil
	}
	return slices.Clone(g.discounts), nil
}
func (g *guardShop) CreateGuard(_ context.Context, _, _ string, value []byte, _ time.Time) (id string, err error) {
	return id, g.act(func() {
		g.made++
		id = fmt.Sprint("gid://shopify/DiscountAutomaticNode/", g.made)
		g.discounts, g.fields[id] = append(g.discounts, id), string(value)
	})
}
func (g *guardShop) DeleteGuard(_ context.Context, gid string) error {
	return g.act(func() {
		g.discounts = slices.DeleteFunc(g.discounts, func(d string) bool { return d == gid })
		delete(g.fields, gid)
	})
}
func (g *guardShop) DefineGuard(context.Context) error {
	return g.act(func() { g.defined = true })
}
func (g *guardShop) UndefineGuard(context.Context) error {
	return g.act(func() {
		g.defined = false
		for owner := range g.fields {
			if !slices.Contains(g.discounts, owner) {
				delete(g.fields, owner)
			}
		}
	})
}

func (g *guardShop) gone(owner string) bool {
	return owner == "gid://shopify/Customer/404" ||
		strings.Contains(owner, "/Discount") && !slices.Contains(g.discounts, owner)
}

func digest(value string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf("digest of %s", value)
}

func (g *guardShop) ReadGuard(_ context.Context, owner string) ([]byte, string, error) {
	if g.gone(owner) {
		return nil, "", &domain.UpstreamError{Kind: domain.KindNotFound}
	}
	return []byte(g.fields[owner]), digest(g.fields[owner]), nil
}

func (g *guardShop) WriteGuard(_ context.Context, owner string, value []byte, was string) (string, error) {
	if g.gone(owner) {
		return "", &domain.UpstreamError{Kind: domain.KindNotFound}
	}
	if digest(g.fields[owner]) != was && g.fields[owner] != string(value) {
		return "", &domain.UpstreamError{Kind: domain.KindRefused, Reason: domain.ReasonStale}
	}
	g.writes++
	return digest(string(value)), g.act(func() { g.fields[owner] = string(value) })
}

type unwatched struct{}

func (unwatched) Step(context.Context, string, string, time.Duration) {}

// guarding is a service whose shop has the guard switched on.
type guarding struct {
	*deciding
	guard.Service
	shop *guardShop
}

func newGuarding(t *testing.T, db storetest.Database) *guarding {
	t.Helper()
	w := &guarding{deciding: decide(t, db), shop: &guardShop{plus: true, fields: map[string]string{}}}
	texts := guard.Texts{Paused: "paused", Blocked: "blocked", Used: "used", One: "one"}
	w.Service = guard.Service{Campaigns: w.store.Campaigns, Knowledge: w.store.Guard, Projections: w.store.Guard,
		Rounds: w.store.Guard, Switch: w.store.Guard, Fields: w.shop, Admin: w.shop, Key: guard.Key{1}, KeyVersion: 1,
		Texts: map[string]guard.Texts{"EN": texts}, Default: "EN", Clock: w, Observer: unwatched{},
		Logger: slog.New(slog.DiscardHandler)}
	w.Noted = w.Note
	if err := w.TurnOn(t.Context(), "pointbridge-guard"); err != nil {
		t.Fatal(err)
	}
	return w
}

// Now and After are the clock's.
func (w *guarding) Now() time.Time                       { return w.now }
func (w *guarding) After(time.Duration) <-chan time.Time { return nil }

// settle goes round until nothing is left to be done: rounds and jobs, each of which may die. Everybody who died leaves
// a lease that passes.
func (w *guarding) settle() {
	w.t.Helper()
	for range 300 {
		w.jobs = nil
		err := w.Round(w.t.Context())
		idle := err == nil && len(w.jobs) == 0
		for _, job := range slices.Clone(w.jobs) {
			if job.Kind != domain.JobGuard {
				continue
			}
			id, parsed := strconv.ParseInt(job.Ref, 10, 64)
			if err := errors.Join(parsed, w.Sync(w.t.Context(), id)); err != nil && !errors.Is(err, errDied) &&
				!errors.Is(err, domain.ErrConflict) && domain.KindOf(err) != domain.KindThrottled {
				w.t.Fatal(err)
			}
		}
		if err != nil && !errors.Is(err, errDied) {
			w.t.Fatal(err)
		}
		if idle {
			return
		}
		w.now = w.now.Add(2 * time.Minute)
	}
	w.t.Fatal("it does not come to rest")
}

// said is what the shop's metafield says of "summer", and how many marks of each kind it has.
func (w *guarding) said() (paused bool, used, blocked []guard.Mark) {
	w.t.Helper()
	var value struct {
		Families []struct {
			Key, Used, Blocked string
			Paused             bool
		}
	}
	if err := json.Unmarshal([]byte(w.shop.fields[w.shop.discounts[0]]), &value); err != nil {
		w.t.Fatal(err)
	}
	for _, f := range value.Families {
		if f.Key == "summer" {
			return f.Paused, marksIn(w.t, f.Used), marksIn(w.t, f.Blocked)
		}
	}
	return false, nil, nil
}

func marksIn(t *testing.T, list string) (marks []guard.Mark) {
	t.Helper()
	raw, err := base64.RawStdEncoding.DecodeString(list)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(raw); i += 4 {
		marks = append(marks, guard.Mark(binary.BigEndian.Uint32(raw[i:])))
	}
	return marks
}

// wantsMarks holds a list against those of e-mails and phones.
func (w *guarding) wantsMarks(what string, got []guard.Mark, emails, phones []string) {
	w.t.Helper()
	var want []guard.Mark
	for _, list := range w.Key.Marks(emails, phones) {
		want = append(want, list...)
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Errorf("%s: %d marks, want %d of %v and %v", what, len(got), len(want), emails, phones)
	}
}

const taroField = "gid://shopify/Customer/7"

// wantsField holds a customer's metafield against what it should say; nothing and an empty one are alike.
func (w *guarding) wantsField(what, gid, want string) {
	w.t.Helper()
	if got := w.shop.fields[gid]; got != want && (want != "" || got != `{"v":1,"used":[],"blocked":[]}`) {
		w.t.Errorf("%s: the metafield says %s, want %s", what, got, want)
	}
}

func (w *guarding) judge(d decisions.Decision, is decisions.Judgement) {
	w.t.Helper()
	if _, err := w.Judge(w.t.Context(), boss, d.PublicID, is, ""); err != nil {
		w.t.Fatal(err)
	}
}
