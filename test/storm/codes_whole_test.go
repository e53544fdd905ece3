package storm

import (
	"fmt"
	"slices"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/decisions"
	"pointbridge/domain/listing"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// whole holds our books against the shop, and what was asked for against what there is.
func (s *press) whole() {
	s.t.Helper()
	list, known := s.batches(), map[string]string{}
	for _, b := range list {
		known["pb-batch-"+b.PublicID] = b.DiscountID
		s.rests(b)
		if b.Kind == codes.Bound {
			s.listed(b)
		} else {
			s.sameCodes(b)
		}
	}
	for _, d := range s.Shopify.Discounts() {
		for _, tag := range d.Tags {
			if strings.HasPrefix(tag, "pb-batch-") {
				expect.Equal(s.t, "the discount of a batch is the one we know", known[tag], d.GID(), d.Code)
			}
		}
	}
	s.gifted(list)
	s.credited()
	s.counted()
	s.inBooks(list)
	made := 0
	for _, b := range list {
		made += b.Made
	}
	s.t.Logf("%d batches, %d codes made, %d orders, %d discounts deleted by hand", len(list), made, len(s.Shopify.Orders()),
		len(s.hand))
	expect.That(s.t, "the storm was one", made+len(s.Shopify.Orders()) > 0)
}

// rests holds that nothing of a batch is on its way, and that it has what was asked for, where nobody stopped it.
func (s *press) rests(b pressed) {
	s.t.Helper()
	what := fmt.Sprintf("%s %s %s %s", b.campaign, b.PublicID, b.Status, b.Reason)
	expect.That(s.t, "it came to rest", b.Status == codes.Done || b.Status == codes.Stopped, what)
	expect.That(s.t, "nothing is on its way", b.Sent == 0 && b.CreatingSince == nil && b.Shop != codes.ShopAsking, what)
	expect.That(s.t, "no more than was asked for", b.Made <= b.Wanted, what, b.Made, b.Wanted)
	if b.Status == codes.Done {
		expect.Equal(s.t, "codes or rows without an outcome", b.Left()+b.Planned, 0, what)
	}
	if b.Kind == codes.Unbound {
		var n int
		_, err := fmt.Sscanf(b.RequestKey, "b%d", &n)
		expect.MustEqual(s.t, "err", err, nil, b.RequestKey)
		expect.Equal(s.t, "wanted", b.Wanted, batchAsked(n).Count, what)
	}
}

// sameCodes holds that the shop has the codes that are made here, each once, and no other one.
func (s *press) sameCodes(b pressed) {
	s.t.Helper()
	var here []string
	for _, c := range s.codesOf(codes.Query{Campaign: b.campaign, BatchID: b.ID, State: codes.CodeMade}) {
		here = append(here, c.Code)
	}
	expect.Equal(s.t, "codes that are made", len(here), b.Made, b.PublicID)
	if s.hand[b.DiscountID] {
		return
	}
	there := s.Shopify.Codes(b.DiscountID)
	slices.Sort(here)
	slices.Sort(there)
	expect.That(s.t, "the shop has the same codes", slices.Equal(here, there), b.PublicID, len(here), len(there))
	expect.Equal(s.t, "a code twice", len(slices.Compact(there)), b.Made, b.PublicID)
}

// listed holds that each row of a list has its outcome: a code of its own for each member, and none for the others.
func (s *press) listed(b pressed) {
	s.t.Helper()
	var n int
	_, err := fmt.Sscanf(b.RequestKey, "l%d", &n)
	expect.MustEqual(s.t, "err", err, nil, b.RequestKey)
	_, members := s.listAsked(n)
	rows, err := s.Store.Batches.RowsOf(s.t.Context(), codes.RowQuery{BatchID: b.ID, Limit: 100})
	expect.MustEqual(s.t, "err", err, nil)
	expect.MustEqual(s.t, "rows", len(rows), len(members)+2, b.PublicID)
	for i, row := range rows {
		expect.That(s.t, "a row has its outcome", row.State != codes.RowWaiting, b.PublicID, row.Row)
		expect.That(s.t, "a row says whom it was for no longer", row.To == codes.Recipient{}, b.PublicID, row.Row)
		if row.State != codes.RowIssued {
			continue
		}
		st, err := s.Store.Coupons.ByCode(s.t.Context(), row.Code)
		expect.MustEqual(s.t, "err", err, nil, row.Code)
		expect.That(s.t, "one of the members", i < len(members), b.PublicID, row.Row)
		expect.Equal(s.t, "whose code it is", st.Coupon.CustomerID, members[min(i, len(members)-1)], row.Code)
	}
	expect.Equal(s.t, "a recipient who stands there twice", rows[len(members)].Reason, codes.ReasonTwice)
}

// gifted holds that each personal code stands in one row, unless its list was stopped while it was made.
func (s *press) gifted(list []pressed) {
	s.t.Helper()
	rowOf := map[string]int{}
	for _, b := range list {
		if b.Kind != codes.Bound {
			continue
		}
		rows, err := s.Store.Batches.RowsOf(s.t.Context(), codes.RowQuery{BatchID: b.ID, State: codes.RowIssued, Limit: 100})
		expect.MustEqual(s.t, "err", err, nil)
		for _, row := range rows {
			rowOf[row.Code]++
		}
	}
	for _, member := range s.members {
		coupons, err := s.Store.Listing.List(s.t.Context(), listing.Filter{CustomerID: member, Limit: 200})
		expect.MustEqual(s.t, "err", err, nil)
		live := 0
		for _, c := range coupons {
			expect.That(s.t, "a code stands in one row", rowOf[c.Code] <= 1, c.Code)
			if c.Status == domain.Failed {
				continue
			}
			d, there := s.Shopify.DiscountByCode(c.Code)
			expect.That(s.t, "the shop has it, for its member", there && slices.Equal(d.CustomerIDs,
				[]string{c.ShopifyCustomerGID}), c.Code, d.CustomerIDs)
			live++
			s.nameless(c, rowOf[c.Code], list)
		}
		expect.That(s.t, "nobody holds more than they may", live <= mostGifts, member, live)
	}
}

// nameless is about a code that stands in no row: somebody stopped its list while it was being made.
func (s *press) nameless(c domain.Coupon, rows int, list []pressed) {
	s.t.Helper()
	if rows > 0 {
		return
	}
	expect.That(s.t, "a code that stands in no row is of a list that was stopped",
		slices.ContainsFunc(list, func(b pressed) bool { return b.Kind == codes.Bound && b.Status == codes.Stopped }), c.Code)
}

// credited holds that each shared code is its owner's.
func (s *press) credited() {
	s.t.Helper()
	for _, c := range s.codesOf(codes.Query{Campaign: "stars"}) {
		expect.Equal(s.t, "owner", c.Owner, "Owner "+strings.TrimPrefix(c.Code, "STAR-N"), c.Code)
	}
}

// counted tells of every order as it is now, and holds the uses that are counted against the orders that stand, and the
// limits against those of them that were let pass.
func (s *press) counted() {
	s.t.Helper()
	stand, ofCode := map[string]map[string]bool{}, map[string]int{}
	for _, o := range s.Shopify.Orders() {
		for range 2 { // heard of again it is the same
			for _, u := range seenAs(o, s.Clock.Now()) {
				_, err := s.asker.SeeUse(s.t.Context(), u)
				expect.MustEqual(s.t, "err", err, nil)
			}
		}
		for _, code := range o.DiscountCodes {
			if o.CancelledAt != nil {
				continue
			}
			ofCode[code]++
			key := s.campaignOf(code)
			if stand[key] == nil {
				stand[key] = map[string]bool{}
			}
			stand[key][o.GID()] = true
		}
	}
	for _, key := range pressCampaigns {
		c, err := s.Store.Campaigns.ByKey(s.t.Context(), key)
		expect.MustEqual(s.t, "err", err, nil)
		tally, err := s.Store.Identity.UsesOf(s.t.Context(), c.ID, "")
		expect.MustEqual(s.t, "err", err, nil)
		expect.Equal(s.t, "uses counted", tally.InAll, len(stand[key]), key)
		for _, k := range s.codesOf(codes.Query{Campaign: key, State: codes.CodeMade}) {
			expect.Equal(s.t, "uses of a code", k.Uses, ofCode[k.Code], k.Code)
		}
	}
	s.limited("flyers", flyersInAll, 0, 1)
	s.limited("stars", starsInAll, starsPerCode, starsPerPerson)
}

func (s *press) campaignOf(code string) string {
	prefix, _, _ := strings.Cut(code, "-")
	return map[string]string{"FLY": "flyers", "HAND": "handout", "STAR": "stars", "GIFT": gifts}[prefix]
}

// limited holds that of the orders that stand no more passed than may: in all, by one code, and by one customer.
func (s *press) limited(key string, inAll, perCode, perPerson int) {
	s.t.Helper()
	passed, byCode, byPerson, flagged := map[string]bool{}, map[string]int{}, map[string]map[string]bool{}, 0
	for _, o := range s.Shopify.Orders() {
		for _, code := range o.DiscountCodes {
			if o.CancelledAt != nil || s.campaignOf(code) != key {
				continue
			}
			c, err := s.Store.Campaigns.ByKey(s.t.Context(), key)
			expect.MustEqual(s.t, "err", err, nil)
			d, err := s.Store.Identity.OfOrder(s.t.Context(), c.ID, o.GID(), code)
			expect.MustEqual(s.t, "err", err, nil, o.Name(), code)
			if d.Answer.Outcome == decisions.Refuse {
				flagged++
				continue
			}
			passed[o.GID()] = true
			byCode[code]++
			if byPerson[o.CustomerID] == nil {
				byPerson[o.CustomerID] = map[string]bool{}
			}
			byPerson[o.CustomerID][o.GID()] = true
		}
	}
	expect.That(s.t, "a family's limit is passed only by flagged orders", len(passed) <= inAll, key, len(passed))
	for code, n := range byCode {
		expect.That(s.t, "a code's limit is passed only by flagged orders", perCode == 0 || n <= perCode, code, n)
	}
	for who, orders := range byPerson {
		expect.That(s.t, "a person's limit is passed only by flagged orders", who == "" || len(orders) <= perPerson, key, who,
			len(orders))
	}
	s.t.Logf("%s: %d orders passed, %d codes in orders were flagged", key, len(passed), flagged)
}

// inBooks holds that the comparison finds what was deleted by hand, and nothing else of the codes of campaigns.
func (s *press) inBooks(list []pressed) {
	s.t.Helper()
	var want, found []string
	for _, b := range list {
		if s.hand[b.DiscountID] {
			want = append(want, string(books.CampaignCodesMissing)+" "+b.PublicID)
		}
	}
	checker := &books.Checker{Ours: s.Store.Books, Runs: s.Store.Books, POS: s.Ledger, Shop: s.Admin, Fields: s.Admin,
		Campaigns: s.Store.Books, CampaignShop: s.Admin, Uses: s.Service(s.Whole()), Clock: world.InstantClock{Clock: s.Clock},
		Timing: books.DefaultTiming()}
	_, err := checker.Run(s.t.Context(), books.Options{}, books.Sink{Difference: func(d books.Difference) {
		if strings.HasPrefix(string(d.Kind), "campaign_codes") {
			found = append(found, string(d.Kind)+" "+d.Reference)
		}
	}})
	expect.MustEqual(s.t, "err", err, nil)
	slices.Sort(want)
	slices.Sort(found)
	expect.That(s.t, "the books find what was deleted by hand", slices.Equal(want, found), found, want)
}
