package learn

import (
	"context"
	"slices"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
)

// Lister gives all campaigns.
type Lister interface {
	List(ctx context.Context) ([]campaigns.Campaign, error)
}

// Switch knows the campaigns, and which of them are protected. The database is asked once in a while (believedFor), not
// for every order and conversion.
type Switch struct {
	Campaigns Lister
	Now       func() time.Time

	all believed[[]campaigns.Campaign]
}

// Forget has the next one ask anew. It is called after a campaign has changed.
func (s *Switch) Forget() { s.all.forget() }

// begun lists the campaigns that are no drafts.
func (s *Switch) begun(ctx context.Context) ([]campaigns.Campaign, error) {
	return s.all.get(ctx, s.Now, func(ctx context.Context) ([]campaigns.Campaign, error) {
		all, err := s.Campaigns.List(ctx)
		return slices.DeleteFunc(all, func(c campaigns.Campaign) bool { return c.Status == campaigns.Draft }), err
	})
}

// On tells whether a campaign is protected: decisions about its codes are made. One that is not known may have begun on
// another machine a moment ago: it is looked for once more, because nothing is given out without being asked about.
func (s *Switch) On(ctx context.Context, key string) (bool, error) {
	all, err := s.begun(ctx)
	if err == nil && !slices.ContainsFunc(all, func(c campaigns.Campaign) bool { return c.Key == key }) {
		s.Forget()
		all, err = s.begun(ctx)
	}
	return slices.ContainsFunc(all, func(c campaigns.Campaign) bool {
		return c.Key == key && c.Policy.Mode != decisions.Off
	}), err
}

// AnyOn tells whether any campaign is protected.
func (s *Switch) AnyOn(ctx context.Context) (bool, error) {
	all, err := s.begun(ctx)
	return slices.ContainsFunc(all, func(c campaigns.Campaign) bool { return c.Policy.Mode != decisions.Off }), err
}

// Watched gives those of an order's codes that belong to campaigns, each once, in the form in which codes are stored.
// What orders came to is told of every campaign, who placed them is learned for the protected ones alone.
func (s *Switch) Watched(ctx context.Context, codes []string) (list []string, err error) {
	if len(codes) == 0 {
		return nil, nil
	}
	all, err := s.begun(ctx)
	if err != nil {
		return nil, err
	}
	for _, text := range codes {
		code := decisions.CodeKey(text)
		if !slices.Contains(list, code) && slices.ContainsFunc(all, func(c campaigns.Campaign) bool {
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
