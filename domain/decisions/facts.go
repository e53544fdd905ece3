package decisions

import (
	"cmp"
	"slices"
	"time"

	"pointbridge/domain/identity"
)

// Request is what was asked, without anything that names a person: of what was shown only the kinds are kept.
type Request struct {
	Format   int    `json:"format"`
	Campaign string `json:"campaign"`
	Code     string `json:"code"`
	Stage    Stage  `json:"stage"`
	// At is when it was asked; of an order, when that was placed.
	At      time.Time `json:"at"`
	OrderID string    `json:"order_id"`
	// Shown counts the values of each kind that was shown, in the order of the kinds.
	Shown []ShownKind `json:"shown"`
	// Currency of the cart; empty where there is none yet.
	Currency string `json:"currency"`
	// OrdersBefore is how many orders the customer has placed before this one; nil where nobody knows.
	OrdersBefore *int `json:"orders_before"`
	// DisposableDomain tells that an e-mail is of a domain for throw-away mailboxes.
	DisposableDomain bool `json:"disposable_domain"`
	// ByShopper tells that the shopper asked by themselves: the customer is the one whom Shopify names, and whatever else
	// was shown is what they typed, which may be somebody else's.
	ByShopper bool `json:"by_shopper,omitempty"`
}

// ShownKind is how many different values of a kind were shown.
type ShownKind struct {
	Kind  identity.Kind `json:"kind"`
	Count int           `json:"count"`
}

// Facts are what was known when a decision was made. Likeness is kept as kinds, not as digests, so that neither a new
// key nor another policy changes what was known.
type Facts struct {
	Format   int            `json:"format"`
	Campaign CampaignStatus `json:"campaign"`
	Code     CodeState      `json:"code"`
	Owner    Owner          `json:"owner"`
	// Blocked tells that the person was named by a verdict "abuse".
	Blocked bool      `json:"blocked"`
	Uses    []PastUse `json:"uses"`
	// EmailsPerIP is how many other e-mails used the campaign from the same IP within a day.
	EmailsPerIP int `json:"emails_per_ip"`
	// Left is how many uses Bounded has left out.
	Left int `json:"left"`
	// Held says of each condition that was asked whether it holds; one that is not here was not asked.
	Held []Held `json:"held,omitempty"`
	// UsesInAll and UsesOfCode are how many uses count for the limits of the family and of the code; nil where nobody
	// counted, because the rules of then had no such limit.
	UsesInAll  *int `json:"uses_in_all,omitempty"`
	UsesOfCode *int `json:"uses_of_code,omitempty"`
}

// PastUse is an order that used a code of the campaign, and what it has in common with the request.
type PastUse struct {
	OrderID string    `json:"order_id"`
	Order   string    `json:"order"`
	Code    string    `json:"code"`
	At      time.Time `json:"at"`
	// Same are the kinds of which a value is the same, in the order of the kinds, whether or not the policy counts
	// them.
	Same []identity.Kind `json:"same"`
	// Void tells that the order came to nothing, Allowed that a verdict "not abuse" stands between the two.
	Void    bool `json:"void"`
	Allowed bool `json:"allowed"`
	// Passed tells of a later order that its own decision let it pass already: it has taken what it counts for.
	Passed bool `json:"passed,omitempty"`
}

// Format is the form of Request and Facts that is written now.
const Format = 1

// countable tells whether a use may count against a request at all. Orders are judged by those before them, and by later
// ones that came to light first and have passed: of one person's orders as many pass as may, in whichever order they
// come to light.
func (u PastUse) countable(r Request) bool {
	if u.Void || u.Allowed || (r.OrderID != "" && u.OrderID == r.OrderID) {
		return false
	}
	if r.Stage != StageOrder || u.Passed {
		return true
	}
	return earlier(u.At, u.OrderID, r)
}

// earlier tells whether an order was placed before the request's; of two of one moment the smaller id was.
func earlier(at time.Time, orderID string, r Request) bool {
	return at.Before(r.At) || (at.Equal(r.At) && orderID < r.OrderID)
}

// keptOthers is how many uses of one likeness are kept that do not count; they only explain.
const keptOthers = 5

// Bounded sorts the facts and keeps of uses that have the same in common as many as any policy can ask for, so that an
// office's IP does not make every decision large. No answer under any policy that has no fault depends on what is left
// out, but for the list of matched orders.
func (f Facts) Bounded(r Request) Facts {
	uses := slices.Clone(f.Uses)
	slices.SortFunc(uses, newestFirst)
	type likeness struct {
		same      uint // a bit for each kind
		countable bool
	}
	kept, seen := make([]PastUse, 0, len(uses)), map[likeness]int{}
	for _, u := range uses {
		u.Same = inOrder(u.Same)
		l := likeness{countable: u.countable(r)}
		for _, k := range u.Same {
			l.same |= 1 << (slices.Index(reported(), k) + 1)
		}
		most := keptOthers
		if l.countable {
			most = MaxUsesPerPerson
		}
		if seen[l]++; seen[l] > most {
			f.Left++
			continue
		}
		kept = append(kept, u)
	}
	f.Uses = kept
	return f
}

func newestFirst(a, b PastUse) int {
	return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.OrderID, b.OrderID), cmp.Compare(a.Code, b.Code))
}
