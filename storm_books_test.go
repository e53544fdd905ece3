package main

import (
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/books"
)

// compared runs the comparison that operators run over everything that the storm left: all it may find is codes that
// somebody deleted by hand while their coupons were good. Then it has to find what is planted, and nothing else.
// covers: 004-37
func (s *tempest) compared() {
	s.t.Helper()
	checker := &books.Checker{Ours: s.db.Books, Runs: s.db.Books, Till: s.ledger, Shop: s.admin, Fields: s.admin, Uses: s.replicas[0],
		Clock: instantClock{s.clock}, Timing: books.DefaultTiming()}
	if found := s.differences(checker); len(found) > 0 {
		s.t.Errorf("books check found %v", found)
	}
	h := s.people[0]
	planted := domain.Movement{CustomerID: h.member, Kind: domain.GiveBack, Points: 100, Reference: "CANCEL-00001-ZZZZZZ-100", Key: "planted", Reason: "planted"}
	if _, err := s.ledger.Add(s.t.Context(), planted); err != nil {
		s.t.Fatal(err)
	}
	if found := s.differences(checker); !slices.Equal(found, []string{string(books.RefundWithoutConversion) + " 00001-ZZZZZZ-100"}) {
		s.t.Errorf("a refund without a conversion was planted; books check found %v", found)
	}
}

// differences are what a comparison finds and the storm does not explain: kind and code.
func (s *tempest) differences(checker *books.Checker) (list []string) {
	s.t.Helper()
	sum, err := checker.Run(s.t.Context(), books.Options{}, books.Sink{Difference: func(d books.Difference) {
		if d.Kind != books.CodeDeadThoughActive || !s.deleted[d.Code] {
			list = append(list, string(d.Kind)+" "+d.Code)
		}
	}})
	if err != nil || sum.Incomplete() || sum.Customers == 0 || sum.Coupons == 0 {
		s.t.Errorf("%+v, %v", sum, err)
	}
	return list
}

// tallied holds the figures against the coupons that the storm left: whatever raced and died, each move is in the
// record once. Half of the record is sealed, so both ways of adding it up are asked.
// covers: 004-13
func (s *tempest) tallied(count map[domain.Status]int) {
	s.t.Helper()
	began := time.Unix(0, 0) // so early that no coupon has ended but those of which it was written down
	for half := range 2 {
		f, err := s.db.Figures(s.t.Context(), began, nil)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, status := range domain.Statuses() {
			if got := f.Standing.Of(status).Coupons; got != int64(count[status]) {
				s.t.Errorf("%d coupons are %s; the figures say %d (sealed half: %d)", count[status], status, got, half)
			}
		}
		s.sealHalf()
	}
}

// sealHalf seals as many rows as half of what was done, in the batches of the service.
func (s *tempest) sealHalf() {
	s.t.Helper()
	after, most := int64(0), int(s.ops/2)
	for sealed := 0; sealed < most; {
		last, n, err := s.db.Seal(s.t.Context(), after, min(audit.Batch, most-sealed))
		if err != nil || sealed+n == 0 {
			s.t.Fatalf("%d sealed, then %d, %v", sealed, n, err)
		}
		if n == 0 {
			return
		}
		after, sealed = last, sealed+n
	}
}
