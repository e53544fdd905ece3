package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// openedAt opens a review of a member's order at a moment.
func (b bed) openedAt(member, order string, at time.Time) reviews.Review {
	b.t.Helper()
	gid := "gid://shopify/Order/" + order
	v := voidedOrder(usedBy(b.t, b.s, member, gid), reviews.OrderCancelled, "customer")
	v.OrderID, v.OrderName, v.At = gid, "#"+order, at
	return b.open(v)
}

func (b bed) refusedAt(member string, at time.Time, action string) {
	b.t.Helper()
	if err := b.s.Audit.Record(b.t.Context(), domain.AuditEntry{At: at, Actor: "key:1", Action: action,
		CustomerID: member, Outcome: domain.OutcomeRefused}); err != nil {
		b.t.Fatal(err)
	}
}

// TestCircumstances: what a review's risk is made of is from before the review, about other orders, and the person's.
// covers: 003-17
func TestCircumstances(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := bed{t, db.Open(t, now, nil)}
		b.keyedMember("1", "taro@example.com", "+819012345678", 0)
		b.keyedMember("2", "taro@example.com", "+819012345678", 0)
		b.keyedMember("3", "", "+819012345678", 0)
		b.keyedMember("4", "hanako@example.com", "", 0)
		b.openedAt("1", "1", noon.Add(-reviews.Within-time.Second))
		closed := b.openedAt("2", "2", noon.Add(-reviews.Within))
		b.close(domain.Coupon{ID: closed.CouponID}, closed.ID, reviews.OutcomeRefuse)
		b.openedAt("3", "3", noon.Add(-time.Hour))
		b.openedAt("4", "4", noon.Add(-time.Hour))
		b.openedAt("1", "5", noon.Add(-time.Minute))
		b.openedAt("1", "6", noon) // another coupon of the same order
		st := usedBy(t, b.s, "1", "gid://shopify/Order/6")
		v := voidedOrder(st, reviews.OrderCancelled, "declined")
		v.OrderID = "gid://shopify/Order/6"
		r := b.open(v)
		b.openedAt("1", "7", noon) // later
		for n := range 3 {
			b.refusedAt([]string{"1", "2", "3"}[n], noon.Add(-time.Duration(n)*time.Hour), "conversion.refused")
		}
		b.refusedAt("1", noon.Add(-reviews.RefusedWithin-time.Second), "conversion.refused")
		b.refusedAt("1", noon.Add(time.Second), "conversion.refused")
		b.refusedAt("1", noon, "cancellation.refused")
		b.refusedAt("4", noon, "conversion.refused")
		if err := b.s.Audit.Record(t.Context(), domain.AuditEntry{At: noon, Actor: "key:1",
			Action: "conversion.refused", CustomerID: "4",
			Outcome: domain.OutcomeRefused, Detail: map[string]any{"times": 7, "note": `"times":9}`}}); err != nil {
			t.Fatal(err)
		}
		got, err := b.s.Reviews.Circumstances(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, m := range got.Matches {
			names = append(names, fmt.Sprint(m.OrderName, m.CustomerID, m.By, m.Outcome))
		}
		if text := strings.Join(names, " "); text != "#51[member] #33[phone] #22[email phone]refuse" {
			t.Errorf("matched %s", text)
		}
		m := got.Matches[0]
		expect.Equal(t, "m.OrderID", m.OrderID, "gid://shopify/Order/5")
		expect.That(t, `m.Code != ""`, m.Code != "")
		expect.Equal(t, "m.Kind", m.Kind, reviews.OrderCancelled)
		expect.That(t, "m.OpenedAt to equal noon.Add(-time.Minute)", m.OpenedAt.Equal(noon.Add(-time.Minute)),
			m.OpenedAt)
		expect.Equal(t, "got.SameEmail", got.SameEmail, 1)
		expect.Equal(t, "got.SamePhone", got.SamePhone, 2)
		expect.Equal(t, "got.Refused", got.Refused, 3)
		expect.MustThat(t, "got.UsedAt != nil", got.UsedAt != nil)
		expect.That(t, "got.UsedAt to equal noon", got.UsedAt.Equal(noon), noon, got.UsedAt)
		four := b.openedAt("4", "8", noon)
		got, err = b.s.Reviews.Circumstances(t.Context(), four)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "got.SameEmail+got.SamePhone", got.SameEmail+got.SamePhone, 0)
		expect.MustEqual(t, "len(got.Matches)", len(got.Matches), 1)
		expect.Equal(t, "got.Refused", got.Refused, 8)
	})
}

// TestPlansOfRisk: none of it reads every row.
// covers: 003-17
func TestPlansOfRisk(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t).Open(t, now, nil)
	for statement, indexes := range s.RiskPlans() {
		plan := planOf(t, s, statement)
		for index := range strings.FieldsSeq(indexes) {
			if !strings.Contains(plan, index) {
				t.Errorf("%s is not used for\n%s\n%s", index, statement, plan)
			}
		}
		for _, table := range []string{"c", "r", "a", "p", "me"} {
			if strings.Contains(plan, "SCAN "+table+"\n") {
				t.Errorf("every row of %s is read for\n%s\n%s", table, statement, plan)
			}
		}
	}
}
