package square

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/pos/square/wire"
)

// A member's id is one of three things, told apart by their form alone:
//
//	loyalty account   8-4-4-4-12 hexadecimal digits, in small letters
//	phone number      8 to 15 digits of E.164, of which the first is no zero, with or without the plus
//	Square customer   anything else of 16 to 64 letters, digits, hyphens and underscores
//
// Whatever has none of these forms is nobody.
var (
	accountForm  = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	phoneForm    = regexp.MustCompile(`^\+?[1-9][0-9]{7,14}$`)
	customerForm = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)
	// pathForm is what Square's ids of accounts are made of; what is not stands in no address.
	pathForm = regexp.MustCompile(`^[A-Za-z0-9-]{1,36}$`)
)

// identity is what a member's id says; all empty for nobody.
type identity struct{ account, phone, customer string }

func whoIs(id string) identity {
	switch {
	case accountForm.MatchString(id):
		return identity{account: id}
	case phoneForm.MatchString(id):
		return identity{phone: "+" + strings.TrimPrefix(id, "+")}
	case customerForm.MatchString(id):
		return identity{customer: id}
	default:
		return identity{}
	}
}

// nobody is the only identity that no search may be made for: Square answers an empty search with every account.
func (who identity) nobody() bool { return who == identity{} }

// holding is an account and what it holds.
type holding struct {
	account string
	points  int64
}

// ask reads a member's account: by its id, or by a search for the one account of a phone number or customer.
func (c *Client) ask(ctx context.Context, act string, who identity) (holding, error) {
	switch {
	case who.nobody():
		return holding{}, failed(act, domain.KindRefused, domain.ReasonCustomerNotFound, nil)
	case who.account != "":
		return c.read(ctx, act, who.account)
	}
	query := wire.SearchLoyaltyAccountsRequestLoyaltyAccountQuery{CustomerIds: &[]string{who.customer}}
	if who.phone != "" {
		query = wire.SearchLoyaltyAccountsRequestLoyaltyAccountQuery{
			Mappings: &[]wire.LoyaltyAccountMapping{{PhoneNumber: &who.phone}}}
	}
	two := 2 // one more than there may be
	var got wire.SearchLoyaltyAccountsResponse
	err := c.do(ctx, call{act: act, method: http.MethodPost, path: []string{"accounts", "search"},
		body: wire.SearchLoyaltyAccountsRequest{Query: &query, Limit: &two}}, &got)
	if err != nil {
		return holding{}, err
	}
	found := value(got.LoyaltyAccounts)
	switch {
	case len(found) == 0 && value(got.Cursor) == "":
		return holding{}, failed(act, domain.KindRefused, domain.ReasonCustomerNotFound, nil)
	case len(found) == 0:
		return holding{}, failed(act, domain.KindUnknown, "nonsense", nil)
	}
	for _, a := range found {
		if !who.has(a) { // the search was not for this member
			return holding{}, failed(act, domain.KindUnknown, "another_customer", nil)
		}
	}
	if len(found) > 1 || value(got.Cursor) != "" {
		return holding{}, failed(act, domain.KindRefused, "several_accounts", nil)
	}
	held, ok := holdingOf(found[0])
	if !ok {
		return holding{}, failed(act, domain.KindUnknown, "nonsense", nil)
	}
	c.accounts.note(who, held.account, c.cfg.Clock())
	return held, nil
}

// read reads an account by its id.
func (c *Client) read(ctx context.Context, act, account string) (holding, error) {
	var got wire.RetrieveLoyaltyAccountResponse
	err := c.do(ctx, call{act: act, method: http.MethodGet, path: []string{"accounts", account}, ofAccount: true}, &got)
	if err != nil {
		return holding{}, err
	}
	if got.LoyaltyAccount == nil {
		return holding{}, failed(act, domain.KindUnknown, "nonsense", nil)
	}
	held, ok := holdingOf(*got.LoyaltyAccount)
	switch {
	case !ok:
		return holding{}, failed(act, domain.KindUnknown, "nonsense", nil)
	case held.account != account:
		return holding{}, failed(act, domain.KindUnknown, "another_customer", nil)
	}
	return held, nil
}

func holdingOf(a wire.LoyaltyAccount) (holding, bool) {
	if a.Balance == nil || !pathForm.MatchString(value(a.Id)) {
		return holding{}, false
	}
	return holding{account: *a.Id, points: int64(*a.Balance)}, true
}

func (who identity) has(a wire.LoyaltyAccount) bool {
	if who.phone != "" {
		return a.Mapping != nil && value(a.Mapping.PhoneNumber) == who.phone
	}
	return value(a.CustomerId) == who.customer
}

// account gives the id of a member's account, as it was found lately or by asking. Nothing has been sent to the account
// when that fails.
func (c *Client) account(ctx context.Context, act string, who identity) (string, error) {
	if who.account != "" {
		return who.account, nil
	}
	if who.nobody() {
		return "", failed(act, domain.KindRefused, domain.ReasonCustomerNotFound, nil)
	}
	if id, known := c.accounts.of(who, c.cfg.Clock()); known {
		return id, nil
	}
	got, err := c.ask(ctx, act, who)
	return got.account, err
}

// Account implements coupons.Accounts.
func (c *Client) Account(ctx context.Context, customerID string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	return c.account(ctx, "account", whoIs(customerID))
}

// accountOf gives the account of a movement: the one that was written down with it, else the one that the member has.
func (c *Client) accountOf(ctx context.Context, act string, m domain.Movement) (string, error) {
	if pathForm.MatchString(m.Account) {
		return m.Account, nil
	}
	return c.account(ctx, act, whoIs(m.CustomerID))
}

const (
	// rememberedFor is how long an account is taken to be a member's without asking.
	rememberedFor = 10 * time.Minute
	// rememberedMost bounds the memory; beyond it everything is asked for anew.
	rememberedMost = 10_000
)

// remembered is which account belongs to whom, for a short while: what stands behind a phone number or customer can
// become another account.
type remembered struct {
	mu    sync.Mutex
	known map[identity]memory
}

type memory struct {
	account string
	at      time.Time
}

func (r *remembered) note(who identity, account string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || len(r.known) >= rememberedMost {
		r.known = map[identity]memory{}
	}
	r.known[who] = memory{account, now}
}

func (r *remembered) of(who identity, now time.Time) (account string, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m, known := r.known[who]
	if age := now.Sub(m.at); age < 0 || age >= rememberedFor {
		return "", false
	}
	return m.account, known
}

func (r *remembered) forget(who identity) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.known, who)
}

// value is what an optional field says; the zero value where it says nothing.
func value[T any](field *T) T {
	if field == nil {
		var none T
		return none
	}
	return *field
}
