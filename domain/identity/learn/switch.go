package learn

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
)

// switchFor is how long it is believed which campaigns are protected. A change on this machine is known at once, one
// on another machine after this time.
const switchFor = 2 * time.Second

// Lister gives all campaigns.
type Lister interface {
	List(ctx context.Context) ([]campaigns.Campaign, error)
}

// Switch knows which campaigns are protected. Where none is nobody asks the database about an order or a conversion:
// it asks once in switchFor.
type Switch struct {
	Campaigns Lister
	Now       func() time.Time

	mu    sync.Mutex
	known bool
	at    time.Time
	on    []campaigns.Campaign
}

// Forget has the next one ask anew. It is called after a campaign has changed; whoever was asking meanwhile is waited
// for, because they may have read what was before.
func (s *Switch) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = false
}

// protected lists the campaigns whose mode is not off.
func (s *Switch) protected(ctx context.Context) ([]campaigns.Campaign, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if age := s.Now().Sub(s.at); s.known && age >= 0 && age < switchFor {
		return s.on, nil
	}
	at := s.Now()
	all, err := s.Campaigns.List(ctx)
	if err != nil {
		return nil, err
	}
	s.known, s.at = true, at
	s.on = slices.DeleteFunc(all, func(c campaigns.Campaign) bool { return c.Policy.Mode == decisions.Off })
	return s.on, nil
}

// On tells whether a campaign is protected.
func (s *Switch) On(ctx context.Context, key string) (bool, error) {
	on, err := s.protected(ctx)
	return slices.ContainsFunc(on, func(c campaigns.Campaign) bool { return c.Key == key }), err
}

// Watched gives those of an order's codes that belong to protected campaigns, each once, in the form in which codes are
// stored.
func (s *Switch) Watched(ctx context.Context, codes []string) (list []string, err error) {
	if len(codes) == 0 {
		return nil, nil
	}
	on, err := s.protected(ctx)
	if err != nil || len(on) == 0 {
		return nil, err
	}
	for _, text := range codes {
		code := decisions.CodeKey(text)
		if !slices.Contains(list, code) && slices.ContainsFunc(on, func(c campaigns.Campaign) bool {
			return belongs(c, code)
		}) {
			list = append(list, code)
		}
	}
	return list, nil
}

// belongs tells whether a code may be one of a campaign. Which one it is decisions.Campaigns finds.
func belongs(c campaigns.Campaign, code string) bool {
	if c.Key == campaigns.Points {
		return domain.IsPointsCode(code)
	}
	return c.Prefix != "" && strings.HasPrefix(code, c.Prefix)
}
