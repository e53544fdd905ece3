package shopify

import (
	"strings"
	"time"
	"unicode/utf8"
)

// mostInput is how many items the vendor takes in one argument.
const mostInput = 250

// codeTooMany is the vendor's code for an argument with more.
const codeTooMany = "MAX_INPUT_SIZE_EXCEEDED"

// redeemCode is a further code of a discount.
type redeemCode struct {
	ID   int64  `json:"id"`
	Code string `json:"code"`
}

// redeemed are codes that were added to a discount.
type redeemed struct {
	Discount int64        `json:"discount"`
	Codes    []redeemCode `json:"codes"`
}

// bulkAdd is what discountRedeemCodeBulkAdd was asked for: the codes are added when it is due, not when it is answered.
type bulkAdd struct {
	ID       int64     `json:"id"`
	Discount int64     `json:"discount"`
	Codes    []string  `json:"codes"`
	At       time.Time `json:"at"`
	Due      time.Time `json:"due"`
	Done     bool      `json:"done"`
	// Failed are the vendor's codes for those that were not added, by the place in Codes.
	Failed map[int]string `json:"failed,omitempty"`
}

// bulkDelete is a job that deletes discounts when it is due.
type bulkDelete struct {
	ID        int64     `json:"id"`
	Discounts []int64   `json:"discounts"`
	Due       time.Time `json:"due"`
	Done      bool      `json:"done"`
}

func (s *state) putRedeemed(r *redeemed) {
	for _, c := range r.Codes {
		s.sawID(c.ID)
		s.byCode[foldCode(c.Code)] = r.Discount
		s.spelled[foldCode(c.Code)] = c.Code
	}
	s.redeem[r.Discount] = append(s.redeem[r.Discount], r.Codes...)
}

// dropRedeemed frees the further codes of a discount.
func (s *state) dropRedeemed(id int64) {
	for _, c := range s.redeem[id] {
		delete(s.byCode, foldCode(c.Code))
		delete(s.spelled, foldCode(c.Code))
	}
	delete(s.redeem, id)
}

func (s *state) putBulk(b *bulkAdd) {
	s.sawID(b.ID)
	s.bulks[b.ID] = b
	delete(s.pending, b.ID)
	if !b.Done {
		s.pending[b.ID] = b.Due
	}
}

func (s *state) putRemoval(b *bulkDelete) {
	s.sawID(b.ID)
	s.removals[b.ID] = b
	delete(s.pending, b.ID)
	if !b.Done {
		s.pending[b.ID] = b.Due
	}
}

// addCodes takes codes in, to be added later.
func (s *Server) addCodes(discount string, codes []string) (*bulkAdd, []userError, error) {
	if len(codes) > mostInput {
		return nil, nil, &queryError{code: codeTooMany, message: "The input array size is greater than the maximum allowed of 250."}
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	d := s.discountByGID(discount)
	switch {
	case d == nil:
		return nil, []userError{refusal("INVALID", "Code discount does not exist.", "discountId")}, nil
	case len(codes) == 0:
		return nil, []userError{refusal("BLANK", "Codes can't be blank", "codes")}, nil
	}
	now := s.cfg.Clock()
	b := &bulkAdd{ID: s.state.nextID(), Discount: d.ID, Codes: codes, At: wholeSecond(now), Due: now.Add(s.cfg.BulkDelay)}
	return b, nil, s.commit("", record{Bulk: b})
}

// deleteDiscounts takes discounts in, to be deleted later. Those that do not exist are passed over.
func (s *Server) deleteDiscounts(ids []string) (*bulkDelete, []userError, error) {
	if len(ids) == 0 {
		return nil, []userError{refusal("MISSING_ARGUMENT", "Missing expected argument key: 'ids', 'search' or 'saved_search_id'.",
			"ids")}, nil
	}
	if len(ids) > mostInput {
		return nil, nil, &queryError{code: codeTooMany, message: "The input array size is greater than the maximum allowed of 250."}
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	b := &bulkDelete{ID: s.state.nextID(), Due: s.cfg.Clock().Add(s.cfg.BulkDelay)}
	for _, id := range ids {
		n, ok := parseGID("DiscountCodeNode", id)
		if !ok {
			return nil, nil, invalidID()
		}
		b.Discounts = append(b.Discounts, n)
	}
	return b, nil, s.commit("", record{Removal: b})
}

// runDue does what was taken in and is due by now. Whoever looks at the store calls it first.
func (s *Server) runDue() {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if len(s.state.pending) == 0 {
		return
	}
	now := s.cfg.Clock()
	for {
		next := int64(0)
		for id, due := range s.state.pending { // in the order in which they came
			if !due.After(now) && (next == 0 || id < next) {
				next = id
			}
		}
		if next == 0 || s.run(next, now) != nil {
			return
		}
	}
}

func (s *Server) run(id int64, now time.Time) error {
	if removal := s.state.removals[id]; removal != nil {
		done := *removal
		done.Done = true
		records := []record{{Removal: &done}}
		for _, d := range removal.Discounts {
			if s.state.discounts[d] != nil {
				records = append(records, record{Deleted: d})
			}
		}
		return s.commit(changeDeleted, records...)
	}
	done := *s.state.bulks[id]
	done.Done, done.Failed = true, map[int]string{}
	added := &redeemed{Discount: done.Discount}
	own := map[string]bool{}
	for i, code := range done.Codes {
		if why := s.faultOf(done.Discount, code, own); why != "" {
			done.Failed[i] = why
			continue
		}
		own[foldCode(code)] = true
		added.Codes = append(added.Codes, redeemCode{s.state.nextID(), code})
	}
	records := []record{{Bulk: &done}}
	if len(added.Codes) > 0 {
		records = append(records, record{Redeemed: added})
	}
	return s.commit("", records...)
}

// faultOf is the vendor's code for a text that cannot be added; empty for one that can.
func (s *Server) faultOf(discount int64, code string, own map[string]bool) string {
	_, taken := s.state.byCode[foldCode(code)]
	switch {
	case s.state.discounts[discount] == nil:
		return "INVALID"
	case code == "":
		return "TOO_SHORT"
	case strings.ContainsAny(code, "\r\n"):
		return "INVALID"
	case utf8.RuneCountInString(code) > longestText:
		return "TOO_LONG"
	case taken, own[foldCode(code)]:
		return "TAKEN"
	}
	return ""
}

// codesOf are all codes of a discount, in the order in which they were made. The caller holds the lock.
func (s *Server) codesOf(d *Discount) []redeemCode {
	return append([]redeemCode{{d.CodeID, d.Code}}, s.state.redeem[d.ID]...)
}

// spelling is a code as its discount has it.
func (s *Server) spelling(d *Discount, code string) string {
	if text, further := s.state.spelled[foldCode(code)]; further {
		return text
	}
	return d.Code
}

// Codes are the texts of all codes of a discount, in the order in which they were made.
func (s *Server) Codes(discount string) []string {
	s.runDue()
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	d := s.discountByGID(discount)
	if d == nil {
		return nil
	}
	var list []string
	for _, c := range s.codesOf(d) {
		list = append(list, c.Code)
	}
	return list
}
