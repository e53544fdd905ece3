package books

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pointbridge/app"
	"pointbridge/commands"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/books"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// tamper changes a demo's database behind its back.
func tamper(t *testing.T, data, statement string) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Config{URL: "sqlite:" + filepath.Join(data, "pointbridge.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.DB().ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// covers: 004-37
func TestBooksCommand(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	// Points are looked for where they were moved, which in a copied demo was at another address.
	file, stop := world.StartFreshDemo(t, data)
	check := func(want int, args ...string) string {
		t.Helper()
		var out, faults world.LockedBuffer
		code := commands.Run(t.Context(), append([]string{"books", "check", "--data", data}, args...), nil, &out,
			&faults)
		if code != want {
			t.Fatalf("exit code %d, want %d: %s%s", code, want, out.String(), faults.String())
		}
		return out.String() + faults.String()
	}
	pos := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
	scrape := func() string {
		return string(world.Caller{T: t, Base: file.API, Key: file.Metrics}.Do("GET", "/metrics", "", "").Raw)
	}
	world.Eventually(t, "the demo's own first comparison is over", func() bool {
		return strings.Contains(scrape(), `pointbridge_books_check{figure="customers"}`)
	})
	made := pos.Do("POST", "/v1/customers/8812370934/conversions", "books", `{"points": 500}`)
	code, _ := made.Body["code"].(string)
	world.Eventually(t, "the metafield lists the code",
		func() bool { return strings.Contains(world.MetafieldOf(t, file, "7001000001"), code) })

	t.Run("beside a running demo the books agree", func(t *testing.T) {
		if text := check(0); !strings.Contains(text, "The books agree") {
			t.Fatal(text)
		}
	})
	t.Run("a rehearsal of a rebuild finds that nothing is to be restored, and beside a service nothing is written", func(t *testing.T) {
		rebuild := func(want int, args ...string) string {
			t.Helper()
			var out, faults world.LockedBuffer
			code := commands.Run(t.Context(), append([]string{"books", "rebuild", "--data", data}, args...), nil, &out, &faults)
			expect.MustEqual(t, "exit code", code, want, out.String()+faults.String())
			return out.String() + faults.String()
		}
		text := rebuild(0)
		expect.That(t, "nothing", strings.Contains(text, "Would restore: nothing. Right already: "), text)
		expect.That(t, "refused", strings.Contains(rebuild(2, "--write"), "stop it first"))
		expect.That(t, "JSON", strings.Contains(rebuild(0, "--json"), `"complete":true`))
	})
	t.Run("a difference is named with its code", func(t *testing.T) {
		tamper(t, data, "UPDATE movements SET points = 900 WHERE reference = 'COUPON-"+code+"'")
		text := check(1)
		if !strings.Contains(text, "movement_amount") || !strings.Contains(text, code) || !strings.Contains(text,
			"here -900, in the POS -500") {
			t.Fatal(text)
		}
		if text := check(1, "--repair", "--customer", "8812370934"); !strings.Contains(text, "None by itself") {
			t.Fatal(text)
		}
		check(0, "--customer", "12345")
		var doc struct {
			Differences []map[string]any `json:"differences"`
			Incomplete  bool             `json:"incomplete"`
			Summary     map[string]any   `json:"summary"`
		}
		text = check(1, "--json") // how far it is may stand behind it
		expect.MustEqual(t, "the document", json.NewDecoder(strings.NewReader(text)).Decode(&doc), nil, text)
		expect.MustEqual(t, "len(doc.Differences)", len(doc.Differences), 1, text)
		expect.MustEqual(t, "doc.Incomplete", doc.Incomplete, false, text)
		expect.MustEqual[any](t, `doc.Differences[0]["code"]`, doc.Differences[0]["code"], code, text)
		expect.MustEqual(t, `doc.Differences[0]["kind"]`, doc.Differences[0]["kind"], "movement_amount", text)
		expect.MustThat(t, `doc.Differences[0]["sentence"] != ""`, doc.Differences[0]["sentence"] != "", text)
		expect.MustThat(t, `doc.Summary["customers"] != nil`, doc.Summary["customers"] != nil, text)
	})
	t.Run("the metrics show the last comparison", func(t *testing.T) {
		world.Eventually(t, "the figures that were remembered are old", func() bool {
			return strings.Contains(scrape(), `pointbridge_books_differences{kind="movement_amount"} 1`)
		})
		if strings.Contains(scrape(), code) {
			t.Error("a code stands in the metrics")
		}
	})
	t.Run("a member nobody knows is a fault", func(t *testing.T) {
		if text := check(2, "--customer", "nobody"); !strings.Contains(text, "customer_not_found") {
			t.Fatal(text)
		}
	})
	t.Run("without the upstreams the books are not called clean", func(t *testing.T) {
		tamper(t, data, "UPDATE movements SET points = 500 WHERE reference = 'COUPON-"+code+"'")
		stop()
		if text := check(2, "--customer", "8812370934"); !strings.Contains(text, "INCOMPLETE") || strings.Contains(text,
			"agree") {
			t.Fatal(text)
		}
	})
	t.Run("a folder without a demo is a fault", func(t *testing.T) {
		if code := commands.Run(t.Context(), []string{"books", "check", "--data", t.TempDir()}, nil,
			&world.LockedBuffer{}, &world.LockedBuffer{}); code != 2 {
			t.Fatalf("exit code %d", code)
		}
	})
}

// TestBooksJob: the periodic comparison comes when it is due, tells each difference by ids, and repairs only when told
// to.
func TestBooksJob(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := newBooksWorld(world.New(t, db, false))
		var log world.LockedBuffer
		a := &app.App{Config: app.Config{BooksEvery: 24 * time.Hour}, Logger: slog.New(slog.NewJSONHandler(&log, nil)),
			Store: b.Store, Aside: b.Store, Service: b.s, Books: b.checker}
		var cancel context.CancelFunc
		a.Stopping, cancel = context.WithCancel(t.Context())
		defer cancel()
		round := func() {
			t.Helper()
			b.Clock.Advance(25 * time.Hour)
			if err := a.CompareBooks(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		round()
		if text := log.String(); strings.Contains(text, "books differ") || !strings.Contains(text,
			`"msg":"books compared","customers":1,"coupons":3,"differences":0`) {
			t.Fatal(text)
		}
		b.remade(b.cancelled, nil)
		b.movement(domain.Take, 100, "COUPON-"+b.active.Code)
		b.Faults.Add(sim.Rule{Act: "shopify.customer", Mode: sim.Internal, Count: -1})
		round()
		b.Faults.Clear()
		round()
		text := log.String()
		for _, want := range []string{fmt.Sprintf(`"msg":"books differ","kind":"code_alive_though_cancelled","coupon_id":%d,"repaired":false`, b.cancelled.ID),
			fmt.Sprintf(`"kind":"movement_doubled","coupon_id":%d`, b.active.ID), `"msg":"books not compared"`} {
			if !strings.Contains(text, want) {
				t.Errorf("%s is missing in %s", want, text)
			}
		}
		for _, code := range []string{b.active.Code, b.used.Code, b.cancelled.Code} {
			if strings.Contains(text, code) {
				t.Errorf("a code stands in the log: %s", text)
			}
		}
		figures, err := a.BooksDifferences(t.Context())
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, `figures["code_alive_though_cancelled"]`, figures["code_alive_though_cancelled"], 1,
			figures)
		expect.MustEqual(t, `figures["movement_doubled"]`, figures["movement_doubled"], 1, figures)
		expect.MustEqual(t, `figures["stuck"]`, figures["stuck"], 0, figures)
		expect.MustEqual(t, "len(figures)", len(figures), len(books.Kinds()), figures)
		more, err := a.BooksFigures(t.Context())
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, `more["customers"]`, more["customers"], 1, more)
		expect.MustEqual(t, `more["coupons"]`, more["coupons"], 3, more)
		expect.MustEqual(t, `more["incomplete"]`, more["incomplete"], 0, more)
		expect.MustEqual(t, `more["age_seconds"]`, more["age_seconds"], 0, more)
		if !b.Shopify.Usable(b.cancelled.Code) {
			t.Fatal("it was repaired although nobody asked for it")
		}
		a.Config.BooksRepair = true
		round()
		if b.Shopify.Usable(b.cancelled.Code) || b.repairs(books.CodeAliveThoughEnded) != 1 {
			t.Fatal("it was not repaired")
		}
		before := strings.Count(log.String(), "books compared")
		if err := a.CompareBooks(t.Context()); err != nil || strings.Count(log.String(), "books compared") != before {
			t.Fatalf("it was compared before its time, %v", err)
		}
		cancel()
		round()
		if last, err := b.Store.Books.LastRun(t.Context()); err != nil || !last.Broken || strings.Count(log.String(),
			"books compared") != before {
			t.Fatalf("a stop was told as a comparison: %+v, %v", last, err)
		}
		a.Sealer = &audit.Sealer{}
		on := len(a.Rounds())
		if a.Config.BooksEvery = 0; len(a.Rounds()) != on-1 {
			t.Fatal("it is not switched off")
		}
	})
}
