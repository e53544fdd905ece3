package migrations_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/migrations"
	"pointbridge/test/expect"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func now() time.Time { return noon }

// older is a database as a program of an older version left it: its coupons in every status, moved by lines as they
// were written then, two thirds of them sealed.
func older(t *testing.T, db storetest.Database, version int64) storetest.Database {
	t.Helper()
	db = schemaAt(t, db, version)
	s := db.Open(t, now, nil)
	for _, statement := range left(db.Dialect) {
		exec(t, s, statement)
	}
	return db
}

// schemaAt is an empty database of an older version.
func schemaAt(t *testing.T, db storetest.Database, version int64) storetest.Database {
	t.Helper()
	if db.Dialect == migrations.SQLite {
		db.URL = "sqlite:" + filepath.Join(t.TempDir(), "older.db")
	}
	s := db.Open(t, now, nil)
	var statements []string
	if db.Dialect == migrations.Postgres {
		statements = append(statements, `DROP SCHEMA public CASCADE`, `CREATE SCHEMA public`)
	}
	for _, statement := range statements {
		exec(t, s, statement)
	}
	if err := migrations.UpTo(t.Context(), s.DB(), db.Dialect, version); err != nil {
		t.Fatal(err)
	}
	return db
}

func exec(t *testing.T, s *store.Store, statement string) {
	t.Helper()
	if _, err := s.DB().ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%v in %s", err, statement)
	}
}

func texts(t *testing.T, s *store.Store, query string) string {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var list []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		list = append(list, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, ", ")
}

// left is what an older program wrote. Every line of the audit stands at its own minute.
func left(dialect string) []string {
	const at, end, past = "'2026-11-01 12:00:00+00:00'", "'2027-11-01 12:00:00+00:00'", "'2026-11-20 12:00:00+00:00'"
	list := []string{
		`INSERT INTO customers (id, shopify_customer_gid, name, created_at, updated_at) VALUES ('1', 'gid://shopify/Customer/1', 'A', ` + at + `, ` + at + `),
			('2', 'gid://shopify/Customer/22', 'B', ` + at + `, ` + at + `)`,
		`INSERT INTO staff (email, name, role, password_hash, created_at) VALUES ('mori@example.com', 'Mori', 'staff', 'hash', ` + at + `)`,
		`INSERT INTO staff_sessions (hash, staff_id, epoch, created_at, expires_at) VALUES (` +
			map[string]string{migrations.Postgres: `'\x01'`, migrations.SQLite: `x'01'`}[dialect] + `, 1, 0, ` + at +
			`, ` + end + `)`,
	}
	for n, c := range []struct{ code, member, gid, status, end, more, values string }{
		{"1-AAAAAA-100", "1", "1", "active", end, "", ""},
		{"1-BBBBBB-200", "1", "1", "used", end, ", used_at, used_order, used_order_id", `, ` + at +
			`, '#1001', 'gid://shopify/Order/1'`},
		{"2-CCCCCC-300", "2", "2", "cancelled", end, ", cancelled_at, reason, note", `, ` + at +
			`, 'customer_request', 'by mistake'`},
		{"2-DDDDDD-400", "2", "2", "failed", end, ", failure", `, '{"code":"conversion_failed"}'`},
		{"1-EEEEEE-500", "1", "1", "expired", past, "", ""},
		{"1-FFFFFF-600", "1", "1", "forfeited", past, ", deactivated_at", `, ` + at},
	} {
		list = append(list, fmt.Sprintf(`INSERT INTO coupons (code, status, customer_id, shopify_customer_gid, points, amount_minor, currency, rate, created_at, expires_at,
			lease_until, discount_id%s) VALUES ('%s', '%s', '%s', 'gid://shopify/Customer/%s', %d, %d, 'JPY', '1', %s, %s, %s, 'gid://shopify/DiscountCodeNode/%d'%s)`,
			c.more, c.code, c.status, c.member, c.gid, (n+1)*100, (n+1)*100, at, c.end, at, n+1, c.values),
			fmt.Sprintf(`INSERT INTO movements (coupon_id, customer_id, kind, state, points, reference, key, reason, created_at, settled_at)
			SELECT id, customer_id, 'take', 'applied', points, 'COUPON-' || code, 'k' || code, 'Coupon', created_at, created_at FROM coupons WHERE code = '%s'`, c.code))
	}
	list = append(list, `INSERT INTO reviews (kind, coupon_id, opened_at, order_name) SELECT 'used_after_refund', id, `+
		at+`, '#1002' FROM coupons WHERE code = '2-CCCCCC-300'`)
	for n, line := range []struct{ code, action, from, to, outcome string }{
		{"1-AAAAAA-100", "conversion.started", "", "pending", "done"}, {"1-AAAAAA-100", "coupon.activated", "pending",
			"active", "done"},
		{"1-BBBBBB-200", "conversion.started", "", "pending", "done"}, {"1-BBBBBB-200", "coupon.activated", "pending",
			"active", "done"},
		{"1-BBBBBB-200", "coupon.used", "active", "used", "done"},
		{"2-CCCCCC-300", "conversion.started", "", "pending", "done"}, {"2-CCCCCC-300", "coupon.activated", "pending",
			"active", "done"},
		{"2-CCCCCC-300", "cancellation.started", "active", "cancelling", "done"}, {"2-CCCCCC-300", "points.given_back",
			"cancelling", "cancelled", "done"},
		{"2-CCCCCC-300", "review.decided", "cancelling", "cancelled", "done"},
		{"2-DDDDDD-400", "conversion.started", "", "pending", "done"}, {"2-DDDDDD-400", "points.given_back", "pending",
			"failed", "done"},
		{"2-DDDDDD-400", "conversion.failed", "pending", "failed", "refused"},
		{"1-EEEEEE-500", "conversion.started", "", "pending", "done"}, {"1-EEEEEE-500", "coupon.activated", "pending",
			"active", "done"},
		{"1-FFFFFF-600", "conversion.started", "", "pending", "done"}, {"1-FFFFFF-600", "coupon.activated", "pending",
			"active", "done"},
		{"1-FFFFFF-600", "coupon.suspended", "active", "suspended", "done"}, {"1-FFFFFF-600", "review.decided",
			"forfeited", "forfeited", "done"},
		// These wait for their seal.
		{"1-EEEEEE-500", "coupon.expired", "active", "expired", "done"},
	} {
		list = append(list, fmt.Sprintf(`INSERT INTO audit (at, actor, action, code, coupon_id, customer_id, from_status, to_status, outcome)
			SELECT '2026-11-01 12:%02d:00+00:00', 'system', '%s', code, id, customer_id, '%s', '%s', '%s' FROM coupons WHERE code = '%s'`,
			n, line.action, line.from, line.to, line.outcome, line.code))
	}
	hash := "zeroblob(32)"
	if dialect == migrations.Postgres {
		hash = "decode(repeat('00', 32), 'hex')"
	}
	return append(list, `INSERT INTO audit_seals (seq, audit_id, hash, sealed_at) SELECT id, id, `+hash+
		`, at FROM audit WHERE action <> 'coupon.expired'`)
}

// TestFromAnOlderVersion brings a database that was worked with up to date: what stands in it is known as it was,
// counted once, and goes on under the new rules.
// covers: 000-02, 004-13
func TestFromAnOlderVersion(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := older(t, db, 7).Open(t, now, nil)
		before := texts(t, s, `SELECT code || ' ' || status || ' ' || points FROM coupons ORDER BY id`)
		for range 2 {
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if after := texts(t, s, `SELECT code || ' ' || status || ' ' || points FROM coupons ORDER BY id`); after != before || strings.Count(after, "-") != 12 {
			t.Errorf("coupons before %s\nafter %s", before, after)
		}
		t.Run("what was sealed is counted once, each move by one of its lines", func(t *testing.T) {
			got := texts(t, s, `SELECT status || ' ' || coupons || ' ' || points FROM tally_status WHERE coupons <> 0 ORDER BY status`)
			if want := "active 2 600, cancelled 1 300, failed 1 400, forfeited 1 600, used 1 200"; got != want {
				t.Errorf("%s, want %s", got, want)
			}
			slots := `SELECT kind || ' ' || detail || ' ' || sum(coupons) || ' ' || sum(points) FROM tally_slots GROUP BY kind, detail ORDER BY kind, detail`
			got = texts(t, s, slots)
			if want := "cancelled customer_request 1 300, failed  1 400, forfeited  1 600, given_back  2 700, issued  5 1700, refused conversion.failed 1 400, suspended  1 600, used  1 200"; got != want {
				t.Errorf("%s, want %s", got, want)
			}
			if err := s.Reports.RebuildRollup(t.Context()); err != nil || texts(t, s, slots) != got {
				t.Errorf("added up anew: %v, %s", err, texts(t, s, slots))
			}
			if _, _, err := s.Audit.Seal(t.Context(), 0, 100); err != nil {
				t.Fatal(err)
			}
			if got := texts(t, s, `SELECT status || ' ' || coupons FROM tally_status WHERE status IN ('active', 'expired') ORDER BY status`); got != "active 1, expired 1" {
				t.Errorf("after the next seal %s", got)
			}
		})
		t.Run("people sign in as before, and are signed in as they were", func(t *testing.T) {
			session, person, err := s.Sessions.FindSession(t.Context(), []byte{1})
			began := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
			if err != nil || person.MustChangePassword || person.HasSecondFactor() ||
				!session.AuthenticatedAt.Equal(began) || !session.SeenAt.Equal(began) ||
				!session.By("password") || session.SecondFactor {
				t.Errorf("a session of %q since %s, seen %s: %v", session.Methods, session.AuthenticatedAt,
					session.SeenAt, err)
			}
		})
		t.Run("who a member was in the shop before is known", func(t *testing.T) {
			people, err := s.Privacy.PeopleOf(t.Context(), "gid://shopify/Customer/2")
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "len(people)", len(people), 1, people)
			expect.Equal(t, "people[0].CustomerID", people[0].CustomerID, "2")
			expect.Equal(t, "texts(t, s, `SELECT customer_gid FROM former_links`)",
				texts(t, s, `SELECT customer_gid FROM former_links`), "gid://shopify/Customer/2")
		})
		t.Run("an open review is open, and the code of a forfeited coupon is removed like any other",
			func(t *testing.T) {
				list, err := s.Reviews.Reviews(t.Context(), reviews.Filter{Status: "open", Limit: 10})
				expect.MustEqual(t, "err", err, nil)
				expect.MustEqual(t, "len(list)", len(list), 1, list)
				expect.MustEqual(t, "list[0].Kind", list[0].Kind, reviews.UsedAfterRefund)
				expect.MustEqual(t, "list[0].OrderName", list[0].OrderName, "#1002")
				expect.Equal(t, "list[0].Coupon.Points", list[0].Coupon.Points, 300)
				ids, err := s.Backlog.Removable(t.Context(), noon, noon, 100)
				if err != nil || !strings.Contains(texts(t, s, fmt.Sprintf(`SELECT code FROM coupons WHERE id IN (%s)`,
					strings.Trim(strings.Join(strings.Fields(fmt.Sprint(ids)), ","), "[]"))), "1-FFFFFF-600") {
					t.Errorf("%v, %v", ids, err)
				}
			})
		t.Run("an old used coupon's order comes to nothing, and it is replaced once",
			func(t *testing.T) { replaced(t, s) })
		if fresh, err := s.Webhooks.KeepDelivery(t.Context(), webhooks.Delivery{WebhookID: "w",
			Topic: webhooks.OrdersCreate, Shop: "s", ReceivedAt: noon, Outcome: webhooks.Queued}, nil); err != nil ||
			!fresh {
			t.Errorf("a delivery: %v, %v", fresh, err)
		}
	})
}

// TestRefundsOfAnOlderVersion: a review about refunds that an older program opened stands for those of before, and
// hides none that came after it.
func TestRefundsOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := older(t, db, 15).Open(t, now, nil)
		exec(t, s, `INSERT INTO reviews (kind, coupon_id, opened_at, order_name, order_id, cause, reason, status, outcome) SELECT 'order_refunded', id,
			'2026-11-10 12:00:00+00:00', '#1001', 'gid://shopify/Order/1', 'partial', 'partially_refunded', 'closed', 'refuse' FROM coupons WHERE code = '1-BBBBBB-200'`)
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		st, err := s.Coupons.ByCode(t.Context(), "1-BBBBBB-200")
		if err != nil {
			t.Fatal(err)
		}
		open := func(n, day int) reviews.Review {
			id := fmt.Sprintf("gid://shopify/Refund/%d", n)
			r, err := s.Coupons.OpenVoidedOrder(t.Context(), reviews.VoidedOrder{CouponID: st.Coupon.ID,
				OrderID: "gid://shopify/Order/1", OrderName: "#1001", Kind: reviews.OrderRefunded,
				Reason: reviews.ReasonPartiallyRefunded, Part: id, Refund: domain.OrderRefund{ID: id,
					At: time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC)}, At: noon, Entry: domain.AuditEntry{At: noon,
					Actor: "system", Action: "order.voided", Code: st.Coupon.Code, Outcome: domain.OutcomeDone}})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		if before, after := open(1, 9), open(2, 11); before.Open || before.Outcome != reviews.OutcomeRefuse ||
			!after.Open || after.RefundID == "" {
			t.Errorf("the refund of before is open %v, the one after it %v", before.Open, after.Open)
		}
	})
}

func replaced(t *testing.T, s *store.Store) {
	t.Helper()
	st, err := s.Coupons.ByCode(t.Context(), "1-BBBBBB-200")
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Coupons.OpenVoidedOrder(t.Context(), reviews.VoidedOrder{CouponID: st.Coupon.ID,
		OrderID: st.Coupon.UsedOrderID, OrderName: "#1001", Kind: reviews.OrderCancelled, Reason: "customer",
		At: noon, Entry: domain.AuditEntry{At: noon, Actor: "system", Action: "order.voided", Code: st.Coupon.Code,
			Outcome: domain.OutcomeDone}})
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "r.Open", r.Open, true)
	expect.MustEqual(t, "len(r.Outcomes(noon))", len(r.Outcomes(noon)), 3)
	expect.MustEqual(t, "r.RecentReviews", r.RecentReviews, 1)
	old, next := st.Coupon, st.Coupon
	next.ID, next.Code, next.Status, next.ReissuedFrom, next.FirstCode, next.DiscountID, next.UsedAt, next.UsedOrder, next.UsedOrderID = 0, "1-GGGGGG-200", domain.Pending, old.Code, old.TakenAs(), "", nil, "", ""
	old.SupersededBy = next.Code
	change := coupons.Change{Coupon: old, Also: []coupons.Change{{Coupon: next}}}
	if st, err = s.Coupons.Commit(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	change.Coupon, change.Also[0].Coupon.Code = st.Coupon, "1-HHHHHH-200"
	if _, err := s.Coupons.Commit(t.Context(), change); err == nil {
		t.Error("it was replaced a second time")
	}
}

// TestWhatAnErasureLeftBehindIsForgottenByTheMigration: rows of an older program, with who was erased there, and an
// uninstallation that any refusal had been enough for.
func TestWhatAnErasureLeftBehindIsForgottenByTheMigration(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		db = older(t, db, 15)
		s := db.Open(t, now, nil)
		const at = "'2026-11-02 12:00:00+00:00'"
		for _, statement := range []string{
			`INSERT INTO audit (at, actor, action, customer_id, outcome) VALUES (` + at +
				`, 'system', 'customer.erased', '1', 'done')`,
			`INSERT INTO settings (name, value, changed_at) VALUES ('shop.uninstalled', '2026-11-02T12:00:00Z', ` + at +
				`)`, `INSERT INTO requests (caller_id, operation, key, hash, coupon_id, answer, created_at)
				SELECT 'shopify:22', 'convert', 'k', 'h', id, 'done', ` + at + ` FROM coupons WHERE code = '2-CCCCCC-300'`,
			`INSERT INTO requests (caller_id, operation, key, hash, coupon_id, answer, created_at)
				SELECT 'key:1', 'convert', 'k', 'h', id, 'done', ` + at + ` FROM coupons WHERE code = '2-CCCCCC-300'`,
			`INSERT INTO privacy_requests (webhook_id, kind, customer_gid, open, requested_at, due_at)
				VALUES ('w-1', 'customers/redact', 'gid://shopify/Customer/1', false, ` + at + `, ` + at + `)`,
		} {
			exec(t, s, statement)
		}
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		i, err := s.Webhooks.Installation(t.Context())
		if err != nil || i.State != webhooks.Reported || i.Proved() || i.ReportedAt.IsZero() {
			t.Errorf("the uninstallation is %+v, %v", i, err)
		}
		for query, want := range map[string]string{
			`SELECT DISTINCT shopify_customer_gid FROM coupons WHERE customer_id = '1'`: domain.ErasedCustomer,
			`SELECT DISTINCT shopify_customer_gid FROM coupons WHERE customer_id = '2'`: "gid://shopify/Customer/2",
			`SELECT caller_id FROM requests ORDER BY id`:                                "member:2, key:1",
			`SELECT customer_gid FROM privacy_requests`:                                 "",
		} {
			if got := texts(t, s, query); got != want {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
	})
}
