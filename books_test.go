package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
)

// eagerClock is a clock on which every wait is over at once.
type eagerClock struct{ *couponstest.Clock }

func (c eagerClock) After(d time.Duration) <-chan time.Time {
	due := c.Clock.After(d)
	c.Advance(d)
	return due
}

// booksWorld is one member with an active, a used and a cancelled coupon, whose books agree.
type booksWorld struct {
	*walkWorld
	s                       *coupons.Service
	member, gid             string
	active, used, cancelled domain.Coupon
	checkoutOfTheCancelled  int64
	checker                 *books.Checker
}

func newBooksWorld(w *walkWorld) *booksWorld {
	w.t.Helper()
	w.faults.Clear()
	b := &booksWorld{walkWorld: w, s: w.service(w.whole()), member: w.member()}
	b.gid = fmt.Sprintf("gid://shopify/Customer/%d", w.members)
	b.active, b.used, b.cancelled = b.convert("a"), b.convert("u"), b.convert("c")
	var err error
	if b.checkoutOfTheCancelled, err = w.shop.OpenCheckout(b.gid, []string{b.cancelled.Code}, "1000"); err != nil {
		w.t.Fatal(err)
	}
	b.checkout(b.used)
	if err := b.s.SweepOrders(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	_, err = b.s.Cancel(w.t.Context(), coupons.Cancellation{Caller: domain.Caller{ID: "key:2", Role: domain.RoleSystemAdmin}, Code: b.cancelled.Code,
		Reason: domain.ReasonCustomerRequest, Key: "c-" + b.member})
	if err != nil {
		w.t.Fatal(err)
	}
	b.settle()
	b.checker = &books.Checker{Ours: w.db, Runs: w.db, Till: w.ledger, Shop: w.admin, Fields: w.admin, Uses: b.s, Clock: eagerClock{w.clock},
		Timing: books.DefaultTiming()}
	return b
}

func (b *booksWorld) convert(key string) domain.Coupon {
	b.t.Helper()
	got, err := b.s.Convert(b.t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: b.member, Points: 100, Key: key + b.member})
	if err != nil || !got.Done {
		b.t.Fatalf("%+v, %v", got, err)
	}
	return got.Coupon
}

func (b *booksWorld) checkout(c domain.Coupon) {
	b.t.Helper()
	if _, err := b.shop.Checkout(b.gid, []string{c.Code}, "1000"); err != nil {
		b.t.Fatal(err)
	}
}

// settle lets the service do everything that is to be done.
func (b *booksWorld) settle() {
	b.t.Helper()
	if err := b.s.Drain(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	for range 5 {
		b.clock.Advance(40 * time.Second)
		b.mu.Lock()
		jobs := b.jobs
		b.jobs = nil
		b.mu.Unlock()
		for _, j := range jobs {
			switch j.Kind {
			case domain.JobAdvance:
				_ = b.s.Advance(b.t.Context(), j.CouponID)
			case domain.JobMetafield:
				if b.s.SyncMetafield(b.t.Context(), j.CustomerID) != nil { // it learns the digest, and is tried again
					_ = b.s.SyncMetafield(b.t.Context(), j.CustomerID)
				}
			case domain.JobMail, domain.JobRemoveDiscount:
			}
		}
	}
}

// compare gives the differences of this member.
func (b *booksWorld) compare(repair bool) ([]books.Difference, books.Summary) {
	b.t.Helper()
	var found []books.Difference
	sum, err := b.checker.Run(b.t.Context(), books.Options{CustomerID: b.member, Repair: repair},
		books.Sink{Difference: func(d books.Difference) { found = append(found, d) }})
	if err != nil {
		b.t.Fatal(err)
	}
	return found, sum
}

// finds wants exactly these kinds, each once.
func (b *booksWorld) finds(repair bool, want ...books.Kind) []books.Difference {
	b.t.Helper()
	found, sum := b.compare(repair)
	var kinds []books.Kind
	for _, d := range found {
		kinds = append(kinds, d.Kind)
	}
	if !slices.Equal(kinds, want) || sum.Incomplete() || sum.Differences() != len(want) {
		b.t.Fatalf("found %+v (%+v), want %v", found, sum, want)
	}
	return found
}

// picture is everything a repair could change.
func (b *booksWorld) picture() string {
	b.t.Helper()
	var audit, wanted, reviews, movements int
	var statuses string
	for query, into := range map[string]any{
		"SELECT count(*) FROM audit WHERE customer_id = '" + b.member + "'":     &audit,
		"SELECT projection_wanted FROM customers WHERE id = '" + b.member + "'": &wanted,
		"SELECT count(*) FROM reviews":                                          &reviews,
		"SELECT count(*) FROM movements WHERE customer_id = '" + b.member + "'": &movements,
		"SELECT status FROM coupons WHERE id = " + fmt.Sprint(b.active.ID):      &statuses,
	} {
		if err := b.db.DB().QueryRowContext(b.t.Context(), query).Scan(into); err != nil {
			b.t.Fatal(err)
		}
	}
	discounts, err := json.Marshal(b.shop.Discounts())
	if err != nil {
		b.t.Fatal(err)
	}
	return fmt.Sprintf("audit %d, metafield %d, reviews %d, movements %d, %s, entries %d, discounts %x", audit, wanted, reviews, movements, statuses,
		len(b.till.Entries(b.member)), sha256.Sum256(discounts))
}

func (b *booksWorld) sql(format string, args ...any) {
	b.t.Helper()
	done, err := b.db.DB().ExecContext(b.t.Context(), fmt.Sprintf(format, args...))
	if err != nil {
		b.t.Fatal(err)
	}
	if n, _ := done.RowsAffected(); n != 1 {
		b.t.Fatalf("%d rows were changed", n)
	}
}

// remade puts another discount in the place of a coupon's.
func (b *booksWorld) remade(c domain.Coupon, change func(*coupons.Discount)) {
	b.t.Helper()
	if err := b.admin.DeleteDiscount(b.t.Context(), c.DiscountID); err != nil {
		b.t.Fatal(err)
	}
	d := coupons.Discount{Code: c.Code, Title: "Points " + c.Code, CustomerGID: c.ShopifyCustomerGID, Amount: c.Amount, StartsAt: c.CreatedAt, EndsAt: c.ExpiresAt}
	if change != nil {
		change(&d)
	}
	if _, err := b.admin.CreateDiscount(b.t.Context(), d); err != nil {
		b.t.Fatal(err)
	}
}

func (b *booksWorld) movement(kind domain.MovementKind, points int64, reference string) {
	b.t.Helper()
	m := domain.Movement{CustomerID: b.member, Kind: kind, Points: points, Reference: reference, Key: "again-" + reference, Reason: "x"}
	move := b.ledger.Add
	if kind == domain.Take {
		move = b.ledger.Deduct
	}
	if _, err := move(b.t.Context(), m); err != nil {
		b.t.Fatal(err)
	}
}

// stuck is a conversion whose code cannot be made, long after everybody has let it go.
func (b *booksWorld) stuck() {
	b.t.Helper()
	b.faults.Add(sim.Rule{Act: "shopify.discountCodeBasicCreate", Mode: sim.Internal, Count: -1})
	got, err := b.s.Convert(b.t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:1"}, CustomerID: b.member, Points: 100, Key: "s" + b.member})
	if err != nil || got.Done {
		b.t.Fatalf("%+v, %v", got, err)
	}
	if err := b.s.Drain(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	b.mu.Lock()
	b.jobs = nil // lost
	b.mu.Unlock()
	b.faults.Clear()
	b.clock.Advance(2 * time.Hour)
}

type drift struct {
	kind  books.Kind
	name  string
	plant func(b *booksWorld)
	// code is whose code the difference names; nil when it names none.
	code func(b *booksWorld) string
}

func drifts() []drift {
	active := func(b *booksWorld) string { return b.active.Code }
	used := func(b *booksWorld) string { return b.used.Code }
	cancelled := func(b *booksWorld) string { return b.cancelled.Code }
	stranger := func(b *booksWorld) string { return "00001-ZZZZZZ-" + b.member[7:] }
	return []drift{
		{books.MovementMissing, "our grant never reached the till", func(b *booksWorld) {
			b.sql(`INSERT INTO movements (coupon_id, customer_id, kind, state, points, reference, related_reference, key, reason, created_at)
				VALUES (%d, '%s', 'grant', 'applied', 100, 'GRANT-%s', 'COUPON-%s', 'grant-%s', 'x', '2026-12-01 00:00:00')`,
				b.used.ID, b.member, b.used.Code, b.used.Code, b.member)
		}, used},
		{books.MovementDoubled, "the till booked a conversion twice", func(b *booksWorld) { b.movement(domain.Take, 100, "COUPON-"+b.active.Code) }, active},
		{books.MovementAmount, "004-37 a refund row is tampered with", func(b *booksWorld) {
			b.sql(`UPDATE movements SET points = 900 WHERE reference = 'CANCEL-%s'`, b.cancelled.Code)
		}, cancelled},
		{books.MovementUnknown, "somebody took points under a name of ours", func(b *booksWorld) { b.movement(domain.Take, 100, "COUPON-"+stranger(b)) }, stranger},
		{books.RefundWithoutConversion, "somebody gave points back for nothing", func(b *booksWorld) { b.movement(domain.GiveBack, 100, "CANCEL-"+stranger(b)) }, stranger},
		{books.CodeAliveThoughEnded, "a cancelled code is alive", func(b *booksWorld) { b.remade(b.cancelled, nil) }, cancelled},
		{books.CodeDeadThoughActive, "a code was deactivated by hand", func(b *booksWorld) {
			if err := b.admin.DeactivateDiscount(b.t.Context(), b.active.DiscountID); err != nil {
				b.t.Fatal(err)
			}
		}, active},
		{books.CodeDeadThoughActive, "a code was deleted by hand", func(b *booksWorld) {
			if err := b.admin.DeleteDiscount(b.t.Context(), b.active.DiscountID); err != nil {
				b.t.Fatal(err)
			}
		}, active},
		{books.CodeWrongCustomer, "the code is somebody else's", func(b *booksWorld) {
			b.remade(b.active, func(d *coupons.Discount) { d.CustomerGID = "gid://shopify/Customer/1" })
		}, active},
		{books.CodeWrongAmount, "the code is worth more", func(b *booksWorld) {
			b.remade(b.active, func(d *coupons.Discount) { d.Amount.Minor = 9900 })
		}, active},
		{books.CodeWrongTerms, "the code lasts longer", func(b *booksWorld) {
			b.remade(b.active, func(d *coupons.Discount) { d.EndsAt = d.EndsAt.Add(time.Hour) })
		}, active},
		{books.UsedButActive, "an order was never heard of", func(b *booksWorld) {
			b.checkout(b.active)
			b.clock.Advance(time.Hour)
		}, active},
		{books.UsedAfterRefund, "T-11 an open checkout completed after the refund", func(b *booksWorld) {
			b.shop.HeldCodesStayGood(true)
			if _, err := b.shop.CompleteCheckout(b.checkoutOfTheCancelled); err != nil {
				b.t.Fatal(err)
			}
			b.clock.Advance(time.Hour)
		}, cancelled},
		{books.UsedWithoutOrder, "a coupon is used here only", func(b *booksWorld) {
			b.sql(`UPDATE coupons SET status = 'used', used_at = '2026-11-01 00:00:00' WHERE id = %d`, b.active.ID)
			b.sql(`UPDATE customers SET projection_wanted = projection_wanted + 1 WHERE id = '%s'`, b.member)
			if err := b.s.SyncMetafield(b.t.Context(), b.member); err != nil {
				b.t.Fatal(err)
			}
		}, active},
		{books.MetafieldStale, "a change never reached the metafield", func(b *booksWorld) {
			b.sql(`UPDATE customers SET projection_wanted = projection_wanted + 1 WHERE id = '%s'`, b.member)
		}, nil},
		{books.MetafieldEdited, "the metafield was edited by hand", func(b *booksWorld) {
			_, digest, err := b.admin.ReadCoupons(b.t.Context(), b.gid)
			if err == nil {
				_, err = b.admin.WriteCoupons(b.t.Context(), b.gid, []byte(`[{"code": "FREE"}]`), digest)
			}
			if err != nil {
				b.t.Fatal(err)
			}
		}, nil},
		{books.CustomerGone, "the store has no such customer", func(b *booksWorld) {
			b.sql(`UPDATE customers SET shopify_customer_gid = 'gid://shopify/Customer/99%s' WHERE id = '%s'`, b.member, b.member)
		}, nil},
		{books.Stuck, "a job was lost", func(b *booksWorld) { b.stuck() }, nil},
		{books.Parked, "a case waits for a person", func(b *booksWorld) {
			b.stuck()
			b.sql(`UPDATE coupons SET parked_at = '2026-12-01 00:00:00' WHERE customer_id = '%s' AND status = 'pending'`, b.member)
		}, nil},
		{books.SumMismatch, "a used coupon is said to be reissued, and is not", func(b *booksWorld) {
			b.sql(`UPDATE coupons SET superseded_by = 'X' WHERE id = %d`, b.used.ID)
		}, nil},
		{books.CodeAliveThoughExpired, "an ended code was given a longer life", func(b *booksWorld) {
			b.remade(b.active, func(d *coupons.Discount) { d.EndsAt = d.EndsAt.Add(90 * 24 * time.Hour) })
			b.clock.Advance(b.policy.Validity + time.Hour)
			if err := b.s.Sweep(b.t.Context()); err != nil {
				b.t.Fatal(err)
			}
			b.settle()
		}, active},
	}
}

// TestBooksFindEachDrift plants one drift at a time beside a real database and the simulators over HTTP: it is found under
// its own kind and no other, repaired where that is safe, and a second repair changes nothing.
func TestBooksFindEachDrift(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWalkWorld(t, db, false)
		kinds := map[books.Kind]bool{}
		for _, c := range drifts() {
			kinds[c.kind] = true
			t.Run(fmt.Sprintf("004-37 %s: %s", c.kind, c.name), func(t *testing.T) {
				b := newBooksWorld(w.on(t))
				b.finds(false)
				b.finds(true)
				c.plant(b)
				before := b.picture()
				d := b.finds(false, c.kind)[0]
				if c.code != nil && d.Code != c.code(b) {
					t.Fatalf("it names %q", d.Code)
				}
				if after := b.picture(); after != before {
					t.Fatalf("looking changed %s\nto %s", before, after)
				}
				b.mended(c.kind, before)
			})
		}
		for _, kind := range books.Kinds() {
			if !kinds[kind] {
				t.Errorf("no drift of kind %s is planted", kind)
			}
		}
	})
}

// mended repairs, and looks whether that held.
func (b *booksWorld) mended(kind books.Kind, before string) {
	b.t.Helper()
	d := b.finds(true, kind)[0]
	if d.Fault != nil || d.Repaired != kind.Safe() {
		b.t.Fatalf("%+v", d)
	}
	if !kind.Safe() {
		if after := b.picture(); after != before {
			b.t.Fatalf("what only a person may repair was changed from %s\nto %s", before, after)
		}
		return
	}
	once := b.picture()
	found, _ := b.compare(true)
	if twice := b.picture(); once != twice || once == before {
		b.t.Fatalf("the second repair (%+v) changed %s\nto %s\nbefore: %s", found, once, twice, before)
	}
	if n := b.repairs(kind); n != 1 {
		b.t.Fatalf("%d repairs are on record", n)
	}
	b.settle()
	b.finds(true)
	b.finds(false)
}

// repairs counts the repairs of a kind on record for the member.
func (b *booksWorld) repairs(kind books.Kind) (n int) {
	b.t.Helper()
	err := b.db.DB().QueryRowContext(b.t.Context(), "SELECT count(*) FROM audit WHERE action = 'books.repaired' AND customer_id = '"+b.member+
		"' AND detail LIKE '%"+string(kind)+"%'").Scan(&n)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// TestBooksIncomplete: an upstream that cannot be asked never makes the books clean, and does not hide what the others say.
func TestBooksIncomplete(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWalkWorld(t, db, false)
		for _, act := range []string{"pos.history", "shopify.codeDiscountNodeByCode", "shopify.customer"} {
			for _, mode := range []sim.Mode{sim.Internal, sim.BrokenAnswer, sim.Throttle} {
				t.Run(fmt.Sprintf("004-37 %s answers with %s", act, mode), func(t *testing.T) {
					b := newBooksWorld(w.on(t))
					b.faults.Add(sim.Rule{Act: act, Mode: mode, Count: -1})
					found, sum := b.compare(true)
					if len(found) != 0 || !sum.Incomplete() || sum.Gaps == 0 {
						t.Fatalf("%+v %+v", found, sum)
					}
					b.faults.Clear()
					b.faults.Add(sim.Rule{Act: act, Mode: mode, Count: 1})
					b.finds(false) // one bad answer is asked again
				})
			}
		}
		t.Run("004-37 the till is silent, the store is not", func(t *testing.T) {
			b := newBooksWorld(w.on(t))
			b.remade(b.cancelled, nil)
			b.faults.Add(sim.Rule{Act: "pos.history", Mode: sim.Internal, Count: -1})
			found, sum := b.compare(false)
			if len(found) != 1 || found[0].Kind != books.CodeAliveThoughEnded || !sum.Incomplete() {
				t.Fatalf("%+v %+v", found, sum)
			}
		})
	})
}

// TestBooksOfManyPages compares histories and lists longer than a page.
func TestBooksOfManyPages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWalkWorld(t, db, true)
		b := newBooksWorld(w)
		w.policy.DailyLimit = 1_000_000
		b.s = w.service(w.whole())
		w.till.SellAtTill(b.member, 100_000)
		for i := range 120 {
			b.convert(fmt.Sprint("p", i))
		}
		for range 300 {
			w.till.SellAtTill(b.member, 1)
		}
		b.settle()
		found, sum := b.compare(false)
		if len(found) != 0 || sum.Coupons != 123 || sum.Incomplete() {
			t.Fatalf("%+v %+v", found, sum)
		}
		b.sql(`UPDATE movements SET points = 900 WHERE id = (SELECT min(id) FROM movements WHERE customer_id = '%s')`, b.member)
		b.finds(false, books.MovementAmount)
	})
}

// TestBooksRemembersRuns: the figures of the last whole comparison are there for every replica.
func TestBooksRemembersRuns(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWalkWorld(t, db, false)
		b := newBooksWorld(w)
		due := func() bool {
			t.Helper()
			yes, err := b.checker.Due(t.Context(), 24*time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			return yes
		}
		if !due() {
			t.Error("the first comparison is not due")
		}
		b.remade(b.cancelled, nil)
		newBooksWorld(w)
		if _, err := b.checker.Run(t.Context(), books.Options{}, books.Sink{}); err != nil {
			t.Fatal(err)
		}
		last, err := w.db.LastRun(t.Context())
		if err != nil || last.Customers != 2 || last.Coupons != 6 || last.Found[books.CodeAliveThoughEnded] != 1 || last.Differences() != 1 || last.Incomplete() {
			t.Fatalf("%+v, %v", last, err)
		}
		if due() {
			t.Error("the next comparison is due at once")
		}
		b.clock.Advance(24 * time.Hour)
		if !due() {
			t.Error("the next comparison never comes")
		}
		b.faults.Add(sim.Rule{Act: "pos.history", Mode: sim.Internal, Count: -1})
		if sum, err := b.checker.Run(t.Context(), books.Options{}, books.Sink{}); err != nil || !sum.Incomplete() {
			t.Fatalf("%+v, %v", sum, err)
		}
		b.clock.Advance(time.Hour)
		if !due() {
			t.Error("one that was incomplete is not tried again soon")
		}
	})
}

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

func TestBooksCommand(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, stop := startDemo(t, data)
	check := func(want int, args ...string) string {
		t.Helper()
		var out, faults lockedBuffer
		code := run(t.Context(), append([]string{"books", "check", "--data", data}, args...), nil, &out, &faults)
		if code != want {
			t.Fatalf("004-37 exit code %d, want %d: %s%s", code, want, out.String(), faults.String())
		}
		return out.String() + faults.String()
	}
	till := caller{t, file.API, file.Keys["pos"]}
	made := till.do("POST", "/v1/customers/8812370934/conversions", "books", `{"points": 500}`)
	code, _ := made.body["code"].(string)
	eventually(t, "the metafield lists the code", func() bool { return strings.Contains(metafieldOf(t, file, "7001000001"), code) })

	t.Run("004-37 beside a running demo the books agree", func(t *testing.T) {
		if text := check(0); !strings.Contains(text, "The books agree") {
			t.Fatal(text)
		}
	})
	t.Run("004-37 a difference is named with its code", func(t *testing.T) {
		tamper(t, data, "UPDATE movements SET points = 900 WHERE reference = 'COUPON-"+code+"'")
		text := check(1)
		if !strings.Contains(text, "movement_amount") || !strings.Contains(text, code) || !strings.Contains(text, "here -900, in the till -500") {
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
		text = check(1, "--json")
		if err := json.Unmarshal([]byte(text), &doc); err != nil || len(doc.Differences) != 1 || doc.Incomplete || doc.Differences[0]["code"] != code ||
			doc.Differences[0]["kind"] != "movement_amount" || doc.Differences[0]["sentence"] == "" || doc.Summary["customers"] == nil {
			t.Fatalf("%v: %s", err, text)
		}
	})
	t.Run("the metrics show the last comparison", func(t *testing.T) {
		got := till.do("GET", "/metrics", "", "")
		if !strings.Contains(string(got.raw), `pointbridge_books_differences{kind="movement_amount"} 1`) || strings.Contains(string(got.raw), code) {
			t.Fatalf("%s", got.raw)
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
		if text := check(2, "--customer", "8812370934"); !strings.Contains(text, "INCOMPLETE") || strings.Contains(text, "agree") {
			t.Fatal(text)
		}
	})
	t.Run("a folder without a demo is a fault", func(t *testing.T) {
		if code := run(t.Context(), []string{"books", "check", "--data", t.TempDir()}, nil, &lockedBuffer{}, &lockedBuffer{}); code != 2 {
			t.Fatalf("exit code %d", code)
		}
	})
}

// TestBooksJob: the periodic comparison comes when it is due, tells each difference by ids, and repairs only when told to.
func TestBooksJob(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := newBooksWorld(newWalkWorld(t, db, false))
		var log lockedBuffer
		a := &app{cfg: Config{BooksEvery: 24 * time.Hour}, logger: slog.New(slog.NewJSONHandler(&log, nil)), store: b.db, service: b.s, books: b.checker}
		var cancel context.CancelFunc
		a.stopping, cancel = context.WithCancel(t.Context())
		defer cancel()
		round := func() {
			t.Helper()
			b.clock.Advance(25 * time.Hour)
			if err := a.booksJob()(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		round()
		if text := log.String(); strings.Contains(text, "books differ") || !strings.Contains(text, `"msg":"books compared","customers":1,"coupons":3,"differences":0`) {
			t.Fatal(text)
		}
		b.remade(b.cancelled, nil)
		b.movement(domain.Take, 100, "COUPON-"+b.active.Code)
		b.faults.Add(sim.Rule{Act: "shopify.customer", Mode: sim.Internal, Count: -1})
		round()
		b.faults.Clear()
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
		figures, err := a.booksDifferences(t.Context())
		if err != nil || figures["code_alive_though_cancelled"] != 1 || figures["movement_doubled"] != 1 || figures["stuck"] != 0 || len(figures) != len(books.Kinds()) {
			t.Fatalf("%v, %v", figures, err)
		}
		more, err := a.booksFigures(t.Context())
		if err != nil || more["customers"] != 1 || more["coupons"] != 3 || more["incomplete"] != 0 || more["age_seconds"] != 0 {
			t.Fatalf("%v, %v", more, err)
		}
		if !b.shop.Usable(b.cancelled.Code) {
			t.Fatal("it was repaired although nobody asked for it")
		}
		a.cfg.BooksRepair = true
		round()
		if b.shop.Usable(b.cancelled.Code) || b.repairs(books.CodeAliveThoughEnded) != 1 {
			t.Fatal("it was not repaired")
		}
		before := strings.Count(log.String(), "books compared")
		if err := a.booksJob()(t.Context()); err != nil || strings.Count(log.String(), "books compared") != before {
			t.Fatalf("it was compared before its time, %v", err)
		}
		cancel()
		round()
		if last, err := b.db.LastRun(t.Context()); err != nil || !last.Broken || strings.Count(log.String(), "books compared") != before {
			t.Fatalf("a stop was told as a comparison: %+v, %v", last, err)
		}
		a.cfg.BooksEvery = 0
		if a.booksJob() != nil {
			t.Fatal("it is not switched off")
		}
	})
}
