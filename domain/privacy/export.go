package privacy

import (
	"context"
)

// Export reads everything that is held about the person of a request, as it is now. About one who was forgotten it also
// says what is left, and why. Errors: not_found.
func (s *Service) Export(ctx context.Context, id int64) ([]Dossier, error) {
	r, err := s.Store.Request(ctx, id)
	if err != nil {
		return nil, err
	}
	people, err := s.peopleOf(ctx, r)
	if err != nil {
		return nil, err
	}
	list := make([]Dossier, 0, len(people))
	for _, p := range people {
		d, err := s.Store.Dossier(ctx, p.CustomerID)
		if err != nil {
			return nil, err
		}
		if d.Forgotten {
			d.Left = leftOf(d)
		}
		list = append(list, d)
	}
	return list, nil
}

// peopleOf finds the members who are, were, or, before they were forgotten, had been the customer of a request.
func (s *Service) peopleOf(ctx context.Context, r Request) ([]Person, error) {
	var people []Person
	if r.CustomerGID != "" {
		var err error
		if people, err = s.Store.PeopleOf(ctx, r.CustomerGID); err != nil {
			return nil, err
		}
	}
	digest := s.digestOf(r)
	if digest == "" {
		return people, nil
	}
	gone, err := s.Store.PeopleForgotten(ctx, digest)
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(people))
	for _, p := range people {
		seen[p.CustomerID] = true
	}
	for _, p := range gone {
		if !seen[p.CustomerID] {
			people = append(people, p)
		}
	}
	return people, nil
}

// why says of each table why an erasure leaves its rows.
var why = []Left{
	{Table: "coupons", Why: "the ledger of what was issued and redeemed has to be kept (bookkeeping); it names nobody: member's id, code, points, amount and times only"},
	{Table: "movements", Why: "the points taken and given back belong to the same ledger; they name nobody"},
	{Table: "refunds", Why: "why points went back belongs to the same ledger; what was written about it is gone"},
	{Table: "reviews", Why: "what was decided about an order belongs to the same ledger; what was written about it is gone"},
	{Table: "mails", Why: "that something was told, and when, belongs to the same ledger; the address is gone"},
	{Table: "audit", Why: "the record is chained so that nobody can change it, the service included; its lines name the member by the id alone. " +
		"Lines that were written by older versions can hold the shop's number of the customer, in who did it and in what was moved"},
	{Table: "customers", Why: "the member's id, which the ledger refers to, and times; everything else is blank"},
}

// leftOf says what is left of a member who was forgotten.
func leftOf(d Dossier) (list []Left) {
	for _, w := range why {
		if n := len(d.Sections[w.Table]); n > 0 {
			list = append(list, Left{Table: w.Table, Rows: n, Why: w.Why})
		}
	}
	return list
}
