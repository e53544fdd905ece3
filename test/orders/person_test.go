package orders

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// reach gives a buyer another mail address and phone number.
func (w *orderWorld) reach(b buyer, mail, phone string) buyer {
	w.T.Helper()
	_, _, err := w.App.Members.Link(w.T.Context(), members.Link{Caller: domain.System(), CustomerID: b.member,
		Email: &mail, Phone: &phone})
	w.must(err)
	return b
}

// risk reads a review as staff do: the earlier reviews are named with their orders, and what matched them.
// covers: 003-17
func (w *orderWorld) risk(r reviews.Review, name string, turn int) {
	w.T.Helper()
	status, text := w.ask("Sato", http.MethodGet, fmt.Sprint("/v1/reviews/", r.ID), "", "")
	var got struct {
		Risk struct {
			Score   int
			Matches []struct {
				Order     string
				MatchedBy []string `json:"matched_by"`
			}
			Signals []struct{ Signal string }
		}
	}
	expect.MustEqual(w.T, "json.Unmarshal([]byte(text), &got)", json.Unmarshal([]byte(text), &got), nil, text)
	expect.MustEqual(w.T, "status", status, http.StatusOK, text)
	matches, score := turn, 10+15*turn // the order was voided at once
	if name == "nobody" {
		matches, score = turn/2, 10+15*(turn/2)
	} else {
		score += 10
	}
	if got.Risk.Score != score || len(got.Risk.Matches) != matches {
		w.T.Errorf("turn %d: %+v, want %d", turn+1, got.Risk, score)
	}
	for n, m := range got.Risk.Matches {
		want := map[string]string{"mail": "email", "phone": "phone"}[name]
		if turn == 2 && n == 1 || want == "" {
			want = "member"
		}
		if m.Order == "" || len(m.MatchedBy) != 1 || m.MatchedBy[0] != want {
			w.T.Errorf("turn %d: %+v, want %s", turn+1, m, want)
		}
	}
}

// TestTakingTurns: two members with the same mail address, and two with the same phone number, take turns at the limit
// up to which the service decides by itself. Their third review goes to a person; strangers' do not.
// covers: 000-08
func TestTakingTurns(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "AUTO_REISSUE_BELOW=501")
		for name, pair := range map[string][]buyer{
			"mail": {w.reach(w.buyer(), "Taro@Example.com", ""), w.reach(w.buyer(), "taro@example.com ", "")},
			"phone": {w.reach(w.buyer(), "", "090-1234-5678"), w.reach(w.buyer(), "x@example.com",
				"+81 90 1234 5678")},
			"nobody": {w.reach(w.buyer(), "", ""), w.reach(w.buyer(), "", "-")},
		} {
			t.Run(name, func(t *testing.T) {
				w.On(t)
				for turn, b := range []buyer{pair[0], pair[1], pair[0]} {
					if turn == 2 {
						b.code = w.Coupon(b)
					}
					w.voided(b, "CUSTOMER")
					r := w.reviews(b.code)[0]
					w.risk(r, name, turn)
					wantOpen, count := turn == 2 && name != "nobody", turn+1
					if name == "nobody" {
						count = 1 + turn/2
					}
					if r.Open != wantOpen || r.RecentReviews != count {
						t.Errorf("turn %d: open %v, %d reviews", turn+1, r.Open, r.RecentReviews)
					}
				}
			})
		}
		w.On(t)
		w.agrees()
	})
}
