package scan_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/domain/identity/scan"
)

var now = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// shop has orders, and gives them by pages of two. After so many calls it answers no more.
type shop struct {
	orders   []identity.Order
	withheld []identity.Kind
	calls    int
	ends     int
}

func (s *shop) OrdersShown(ctx context.Context, from, to time.Time, after string) (identity.OrderPage, error) {
	if s.calls++; s.ends > 0 && s.calls > s.ends {
		<-ctx.Done()
		return identity.OrderPage{}, ctx.Err()
	}
	var in []identity.Order
	for _, o := range s.orders {
		if !o.CreatedAt.Before(from) && o.CreatedAt.Before(to) {
			in = append(in, o)
		}
	}
	page := identity.OrderPage{Withheld: s.withheld}
	if after == "" && len(in) > 2 {
		page.Orders, page.Next = in[:2], "more"
		return page, nil
	}
	if after != "" {
		in = in[2:]
	}
	page.Orders = in
	return page, nil
}

func order(n int, code string, who identity.Shown) identity.Order {
	return identity.Order{ID: fmt.Sprintf("gid://shopify/Order/%d", n), Name: fmt.Sprintf("#%d", n),
		CreatedAt: now.Add(-time.Duration(100-n) * time.Hour), Codes: []string{code},
		Discount: domain.Money{Minor: 500, Currency: "JPY"}, Shown: who}
}

func by(email, phone, ip string) identity.Shown {
	s := identity.Shown{IPs: []string{ip}}
	if email != "" {
		s.Emails = []string{email}
	}
	if phone != "" {
		s.Phones = []string{phone}
	}
	return s
}

func scanner(t *testing.T, s *shop) scan.Scanner {
	t.Helper()
	ring, err := identity.NewThrowaway(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	forms := identity.Canonical{Country: "JP", Phone: func(text, _ string) string { return text }}
	return scan.Scanner{Shop: s, Now: func() time.Time { return now },
		Print: func(s identity.Shown) (identity.Print, error) { return ring.Print(forms.Forms(s)) }}
}

// busy has one person three times, by three spellings of an address and by a phone, one other person behind the same
// IP, and what does not count.
func busy() *shop {
	void, test := order(6, "WELCOME", by("hanako@example.com", "", "9.9.9.9")), order(7, "WELCOME", by("hanako@example.com", "", ""))
	void.Void, test.Test = true, true
	return &shop{orders: []identity.Order{
		order(1, "WELCOME", by("taro.yamada@gmail.com", "+81312345678", "1.2.3.4")),
		order(2, "welcome", by("taroyamada+2@googlemail.com", "", "1.2.3.5")),
		order(3, "WELCOME", by("other@example.com", "+81312345678", "1.2.3.4")),
		order(4, "WELCOME", by("somebody@example.com", "", "1.2.3.4")),
		order(5, "12345-AB2CD3-500", by("taro.yamada@gmail.com", "", "1.2.3.4")),
		void, test,
		order(8, "VIP-AAAA", by("hanako@example.com", "", "")), order(9, "VIP-BBBB", by("hanako@example.com", "", "")),
	}}
}

// TestWhatItWouldHaveCaught: clusters, what they cost, and what each preset would have refused.
// covers: 003-19, 003-20, 003-23
func TestWhatItWouldHaveCaught(t *testing.T) {
	t.Parallel()
	s := busy()
	var days []scan.Progress
	look := scanner(t, s)
	look.Progress = func(p scan.Progress) { days = append(days, p) }
	r, err := look.Run(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	if r.Uses != 6 || r.Orders != 6 || r.LeftOut != (scan.LeftOut{Test: 1, Void: 1, Points: 1}) || r.Days != 10 ||
		len(days) != 10 || days[9].Uses != 6 {
		t.Errorf("%d uses in %d orders of %d days; %d points, %d void, %d test left out; progress %v", r.Uses, r.Orders,
			r.Days, r.LeftOut.Points, r.LeftOut.Void, r.LeftOut.Test, days)
	}
	refused := map[decisions.Preset][3]int{}
	for _, p := range r.Presets {
		refused[p.Preset] = [3]int{p.Allowed, p.Flagged, p.Refused}
	}
	// Basic finds the two e-mails that are one; medium flags the phone; high counts the phone and the IP together.
	want := map[decisions.Preset][3]int{decisions.Basic: {4, 0, 2}, decisions.Medium: {3, 1, 2}, decisions.High: {2, 1, 3}}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Error(diff)
	}
	found := map[identity.Kind][3]int{}
	for _, k := range r.By {
		found[k.Kind] = [3]int{k.Clusters, k.Uses, k.Again}
	}
	if diff := cmp.Diff(map[identity.Kind][3]int{identity.Email: {2, 4, 2}, identity.Phone: {1, 2, 1},
		identity.Address: {}, identity.Name: {}}, found); diff != "" {
		t.Error(diff)
	}
	if len(r.Clusters) != 2 || r.Clusters[0].Family != "WELCOME" || len(r.Clusters[0].Uses) != 3 ||
		r.Clusters[1].Family != "VIP-" {
		t.Fatalf("%d clusters", len(r.Clusters))
	}
	loss := r.Clusters[0].Loss
	if loss.Uses != 2 || loss.Sum.Minor != 1000 || loss.Month.Minor != 3000 || loss.Unknown != 0 {
		t.Errorf("it cost %d, by month %d, of %d uses", loss.Sum.Minor, loss.Month.Minor, loss.Uses)
	}
}

// TestTheTableNamesOrdersAndNobody: a line for each use of a cluster, without anything that names a person.
func TestTheTableNamesOrdersAndNobody(t *testing.T) {
	t.Parallel()
	r, err := scanner(t, busy()).Run(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := r.WriteTable(&out); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil || len(lines) != 6 || lines[0][0] != "cluster" || lines[3][3] != "#3" || lines[3][11] != "true" ||
		lines[3][9] != "false" {
		t.Errorf("%v: %d lines: %v", err, len(lines), lines)
	}
	for _, secret := range []string{"@", "+81", "1.2.3", "yamada"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the table holds %q", secret)
		}
	}
}

// TestWhenTimeRunsOut: what was read in full is reported for as many days as it covers, and nothing is reported of
// nothing.
func TestWhenTimeRunsOut(t *testing.T) {
	t.Parallel()
	for ends, want := range map[int]int{1: 1, 3: 3} {
		ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
		s := busy()
		s.ends = ends
		r, err := scanner(t, s).Run(ctx, 10)
		cancel()
		if err != nil || r.Days != want || r.Asked != 10 || !r.From.Equal(now.AddDate(0, 0, -want)) {
			t.Errorf("%d days of %d, %v", r.Days, r.Asked, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := busy()
	s.ends = 2
	if _, err := scanner(t, s).Run(ctx, 10); !errors.Is(err, context.Canceled) {
		t.Errorf("somebody stopped it: %v", err)
	}
	for _, days := range []int{-1, 0, scan.MaxDays + 1} {
		if _, err := scanner(t, busy()).Run(t.Context(), days); !errors.Is(err, scan.ErrDays) {
			t.Errorf("%d days: %v", days, err)
		}
	}
}

// TestLossOfWhatIsNotKnown: an order counts once, and another currency or none is counted apart.
func TestLossOfWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	one := by("taro@example.com", "", "")
	a, b, c, d := order(1, "A", one), order(2, "A", one), order(3, "A", one), order(4, "A", one)
	b.Codes = []string{"A", "a", "B"}
	d.Codes = []string{"B", "A"}
	c.Discount = domain.Money{}
	r, err := scanner(t, &shop{orders: []identity.Order{a, b, c, d}, withheld: []identity.Kind{identity.IP}}).
		Run(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	p := r.Presets[0]
	if p.Refused != 4 || p.Loss.Uses != 4 || p.Loss.Sum.Minor != 1000 || p.Loss.Unknown != 1 || len(r.Withheld) != 1 {
		t.Errorf("%d refused cost %d of %d uses, %d unknown; withheld %v", p.Refused, p.Loss.Sum.Minor, p.Loss.Uses,
			p.Loss.Unknown, r.Withheld)
	}
}
