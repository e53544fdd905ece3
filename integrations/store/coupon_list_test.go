package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
)

var listed = []string{"8812370934", "7012370934", "a_70934", "A70934", "12345", "1234", "x", "99-70934"}

// step is what lies between two ends of coupons: all of them fill ten weeks.
const step = 35 * time.Hour

// shelf puts coupons of every status and end into the store.
func shelf(t *testing.T, s *store.Store) (list []domain.Coupon) {
	t.Helper()
	for _, id := range listed {
		customer(t, s, id)
	}
	for i := range 180 {
		id := listed[i*7%len(listed)]
		c := pending(id, int64(1+i*13%5)*100)
		first := strings.ToUpper(domain.CodeTail(id))
		c.Coupon.Code = fmt.Sprintf("%s-%c%c%s-%d", first, "AB7Z"[i%4], "23"[i%2], strings.NewReplacer("0", "A", "1",
			"B").Replace(fmt.Sprintf("%04d", i*37)), c.Coupon.Points)
		c.Movements[0].State, c.Movements[0].Reference, c.Movements[0].Key, c.Request.Key.Key = domain.MovementApplied, c.Coupon.Code, c.Coupon.Code, c.Coupon.Code
		c.Coupon.CreatedAt = noon.Add(-time.Duration(i*31%60) * step)
		c.Coupon.ExpiresAt = noon.Truncate(time.Second).Add(time.Duration(i*37%50)*step + time.Second)
		st := open(t, s, c)
		st.Coupon.Status, st.Coupon.DiscountID = domain.Statuses()[i*5%9], "gid"
		if st.Coupon.Status == domain.Cancelled {
			st.Coupon.CancelledAt = new(noon.Add(time.Duration(i*53%50) * step))
			st.Coupon.CancelActor, st.Coupon.Reason = fmt.Sprint("staff:", i%3), domain.CancelReasons()[i%4]
		}
		st, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: st.Coupon})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, st.Coupon)
	}
	return list
}

// chosen says plainly what a filter is to find.
func chosen(all []domain.Coupon, f listing.Filter) []int64 {
	found := slices.DeleteFunc(slices.Clone(all), func(c domain.Coupon) bool {
		p := f.Sort.Place(c)
		return (f.Status != "" && c.StatusAt(f.Now) != f.Status) || (f.CustomerID != "" &&
			c.CustomerID != f.CustomerID) ||
			(!f.ExpiresBefore.IsZero() && !c.ExpiresAt.Before(f.ExpiresBefore)) ||
			(f.After.ID != 0 && !f.Sort.Before(f.After, p)) ||
			!f.Within.Holds(c) || (f.By != "" && f.By != c.CancelActor) || (f.Reason != "" && f.Reason != c.Reason) ||
			(f.Made && f.Status == "" && c.Status == domain.Failed) ||
			!strings.HasPrefix(c.Code, f.Family) || (f.Visible && c.Status.Public() == "") || (f.Code != "" && !means(c, f.Code, false)) ||
			(f.Text != "" && !means(c, f.Text, true))
	})
	slices.SortFunc(found, func(a, b domain.Coupon) int {
		if f.Sort.Before(f.Sort.Place(a), f.Sort.Place(b)) {
			return -1
		}
		return 1
	})
	var ids []int64
	for _, c := range found[:min(len(found), f.Limit)] {
		ids = append(ids, c.ID)
	}
	return ids
}

// means is the rule of the search box, said without indexes.
func means(c domain.Coupon, text string, box bool) bool {
	upper := strings.ToUpper(text)
	if _, whole := domain.NormalizeCode(text); whole {
		return c.Code == upper
	}
	_, rest, _ := strings.Cut(c.Code, "-")
	drawn, _, _ := strings.Cut(rest, "-")
	if strings.HasPrefix(c.Code, upper) || (strings.HasPrefix(rest, upper) &&
		(len(text) > 6 || strings.HasPrefix(drawn, upper)) && (!box || len(text) >= 2)) {
		return true
	}
	return box && (strings.HasPrefix(c.CustomerID, text) || (len(text) > 5 && len(domain.CodeTail(text)) == 5 &&
		strings.HasSuffix(c.CustomerID, text)))
}

// TestListsAgreeWithAPlainChoice compares lists with a plain choice, by every way of reading them.
// covers: 004-09, 004-10, 004-11, 004-12, 004-59
func TestListsAgreeWithAPlainChoice(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		all := shelf(t, s)
		texts := []string{"", "", "a", "A2", "b3", "7", "70934", "370934", "12370934", "8812370934", "123", "12345",
			"A_70934", "a_7", "A70934", "x", "70934-", "70934-A2", "99-70934", "0934", "%", "_", "a%", " 70934 ",
			"ZZZZZZ"}
		for i := range 6 {
			code := all[i*29].Code
			_, rest, _ := strings.Cut(code, "-")
			texts = append(texts, code, strings.ToLower(code), rest, rest[:6], strings.ToLower(rest[:6]), rest[:4],
				rest[:7], code[:len(code)-1])
		}
		text := rapid.SampledFrom(texts)
		rapid.Check(t, rapidly(20, func(rt *rapid.T) {
			bounds := rapid.SampledFrom([][2]int{{5000, 10_000}, {3, 40}, {0, 5}}).Draw(rt, "bounds")
			s.SetListBounds(bounds[0], bounds[1])
			f := listing.Filter{Now: noon.Truncate(time.Second).Add(time.Duration(rapid.IntRange(0, 52).Draw(rt,
				"now")) * step),
				Sort:   rapid.SampledFrom(listing.Sorts()).Draw(rt, "sort"),
				Limit:  rapid.SampledFrom([]int{1, 4, 51, 500}).Draw(rt, "limit"),
				Status: rapid.SampledFrom(append(domain.Statuses(), "", "", "", domain.Expired)).Draw(rt, "status"),
				CustomerID: rapid.SampledFrom(append(slices.Clone(listed), "", "", "", "", "", "", "nobody")).Draw(rt,
					"customer"), Visible: rapid.IntRange(0, 4).Draw(rt, "visible") == 0,
				Family: rapid.SampledFrom([]string{"", "", "", "70934-", "12345-A", "X-", "NONE-"}).Draw(rt, "family")}
			switch rapid.IntRange(0, 3).Draw(rt, "search") {
			case 0:
				f.Text = text.Draw(rt, "text")
			case 1:
				f.Code = text.Draw(rt, "code")
			case 2:
				f.ExpiresBefore = noon.Add(time.Duration(rapid.IntRange(0, 60).Draw(rt, "before")) * step)
			}
			f.Made = rapid.Bool().Draw(rt, "made")
			if rapid.Bool().Draw(rt, "within") {
				within(rt, &f)
			}
			if f.Sort == listing.SortCancelled || f.Sort == listing.SortCancelledLast {
				f.Within.Moment = listing.Cancelled
			}
			if rapid.Bool().Draw(rt, "next page") {
				f.After = f.Sort.Place(rapid.SampledFrom(all).Draw(rt, "after"))
			}
			got, err := s.Listing.List(rt.Context(), f)
			if err != nil {
				rt.Fatal(err)
			}
			var ids []int64
			for _, c := range got {
				ids = append(ids, c.ID)
			}
			f.Text, f.Code = strings.TrimSpace(f.Text), strings.TrimSpace(f.Code)
			if want := chosen(all, f); !slices.Equal(ids, want) {
				rt.Fatalf("%+v: got %v, want %v", f, ids, want)
			}
		}))
	})
}

// within draws a time, and whose refunds they are.
func within(rt *rapid.T, f *listing.Filter) {
	f.Within.Moment = rapid.SampledFrom([]listing.Moment{listing.Issued, listing.Cancelled}).Draw(rt, "moment")
	bound := func(label string) time.Time {
		if rapid.IntRange(0, 3).Draw(rt, label+" open") == 0 {
			return time.Time{}
		}
		return noon.Add(time.Duration(rapid.IntRange(-60, 55).Draw(rt, label)) * step)
	}
	f.Within.From, f.Within.To = bound("from"), bound("to")
	if f.Within.Moment == listing.Cancelled && rapid.Bool().Draw(rt, "whose") {
		f.By = rapid.SampledFrom([]string{"", "staff:0", "staff:1", "nobody"}).Draw(rt, "by")
		f.Reason = rapid.SampledFrom([]string{"", domain.ReasonOther, domain.ReasonOrderCancelled}).Draw(rt, "reason")
	}
}

// rapidly does it several times in each check.
func rapidly(times int, do func(rt *rapid.T)) func(rt *rapid.T) {
	return func(rt *rapid.T) {
		for range times {
			do(rt)
		}
	}
}
