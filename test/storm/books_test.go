package storm

import (
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/books"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// compared runs the comparison that operators run over everything that the storm left: all it may find is codes that
// somebody deleted by hand while their coupons were good. Then it has to find what is planted, and nothing else.
// covers: 004-37
func (s *tempest) compared() {
	s.T.Helper()
	checker := &books.Checker{Ours: s.Store.Books, Runs: s.Store.Books, POS: s.Ledger, Shop: s.Admin, Fields: s.Admin,
		Uses: s.replicas[0], Clock: world.InstantClock{Clock: s.Clock}, Timing: books.DefaultTiming()}
	if found := s.differences(checker); len(found) > 0 {
		s.T.Errorf("books check found %v", found)
	}
	h := s.people[0]
	planted := domain.Movement{CustomerID: h.member, Kind: domain.GiveBack, Points: 100,
		Reference: "CANCEL-00001-ZZZZZZ-100", Key: "planted", Reason: "planted"}
	if _, err := s.Ledger.Add(s.T.Context(), planted); err != nil {
		s.T.Fatal(err)
	}
	if found := s.differences(checker); !slices.Equal(found, []string{string(books.RefundWithoutConversion) +
		" 00001-ZZZZZZ-100"}) {
		s.T.Errorf("a refund without a conversion was planted; books check found %v", found)
	}
}

// differences are what a comparison finds and the storm does not explain: kind and code.
func (s *tempest) differences(checker *books.Checker) (list []string) {
	s.T.Helper()
	sum, err := checker.Run(s.T.Context(), books.Options{}, books.Sink{Difference: func(d books.Difference) {
		if d.Kind != books.CodeDeactivatedThoughActive || !s.Deleted[d.Code] {
			list = append(list, string(d.Kind)+" "+d.Code)
		}
	}})
	expect.MustEqual(s.T, "err", err, nil)
	expect.Equal(s.T, "sum.Incomplete()", sum.Incomplete(), false)
	expect.That(s.T, "sum.Customers != 0", sum.Customers != 0)
	expect.That(s.T, "sum.Coupons != 0", sum.Coupons != 0)
	return list
}

// tallied holds the figures against the coupons that the storm left: whatever raced and died, each move is in the
// audit once. Half of the audit is sealed, so both ways of adding it up are asked.
// covers: 004-13
func (s *tempest) tallied(count map[domain.Status]int) {
	s.T.Helper()
	began := time.Unix(0, 0) // so early that no coupon has ended but those of which it was written down
	for half := range 2 {
		f, err := s.Store.Reports.Figures(s.T.Context(), began, nil)
		if err != nil {
			s.T.Fatal(err)
		}
		for _, status := range domain.Statuses() {
			if got := f.Standing.Of(status).Coupons; got != int64(count[status]) {
				s.T.Errorf("%d coupons are %s; the figures say %d (sealed half: %d)", count[status], status, got, half)
			}
		}
		s.sealHalf()
	}
}

// sealHalf seals as many rows as half of what was done, in the batches of the service.
func (s *tempest) sealHalf() {
	s.T.Helper()
	after, most := int64(0), int(s.ops/2)
	for sealed := 0; sealed < most; {
		last, n, err := s.Store.Audit.Seal(s.T.Context(), after, min(audit.Batch, most-sealed))
		if err != nil || sealed+n == 0 {
			s.T.Fatalf("%d sealed, then %d, %v", sealed, n, err)
		}
		if n == 0 {
			return
		}
		after, sealed = last, sealed+n
	}
}
