package shopify

import (
	"context"
	"slices"
	"strings"
	"time"

	graphql "github.com/graph-gophers/graphql-go"
)

// mostOfATag is how many characters a tag has at most.
const mostOfATag = 40

// TagsAdd tags an order or a customer.
func (m mutations) TagsAdd(ctx context.Context, args struct {
	ID   graphql.ID
	Tags []string
}) (*payload, error) {
	return m.run(ctx, func(p *payload) (err error) {
		p.UserErrors, err = m.s.addTags(string(args.ID), args.Tags)
		return err
	})
}

// addTags keeps each tag once, without regard to case. What has them all already is not changed by it.
func (s *Server) addTags(id string, tags []string) ([]userError, error) {
	for _, tag := range tags {
		if len([]rune(tag)) > mostOfATag {
			return []userError{refusal("", "Tag exceeds the maximum length of 40 characters", "tags")}, nil
		}
	}
	if strings.HasPrefix(id, gidPrefix+"Order/") && !strings.Contains(s.cfg.Scopes, "write_orders") {
		return nil, accessDenied("tagsAdd")
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	at := wholeSecond(s.cfg.Clock())
	if n, is := parseGID("Order", id); is && s.state.orders[n] != nil {
		o := *s.state.orders[n]
		return nil, s.tagged(&o.Tags, &o.UpdatedAt, tags, at, record{Order: &o})
	}
	if c := s.customer(id); c != nil {
		next := *c
		return nil, s.tagged(&next.Tags, &next.UpdatedAt, tags, at, record{Customer: &next})
	}
	if !strings.HasPrefix(id, gidPrefix+"Order/") && !strings.HasPrefix(id, gidPrefix+"Customer/") {
		return nil, invalidID()
	}
	return []userError{refusal("", "The record could not be found", "id")}, nil
}

// tagged writes the tags into a copy of a record, and commits it if there is a new one among them.
func (s *Server) tagged(have *[]string, updated *time.Time, tags []string, at time.Time, r record) error {
	next := slices.Clone(*have)
	for _, tag := range tags {
		for one := range strings.SplitSeq(tag, ",") {
			one = strings.TrimSpace(one)
			if one != "" && !slices.ContainsFunc(next, func(t string) bool { return strings.EqualFold(t, one) }) {
				next = append(next, one)
			}
		}
	}
	if len(next) == len(*have) {
		return nil
	}
	*have, *updated = next, at
	return s.commit("", r)
}
