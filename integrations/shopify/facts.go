package shopify

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/Khan/genqlient/graphql"

	"pointbridge/domain/decisions"
)

// refusals are what of an answer was refused for want of a right: roots of the question, and their fields as
// "customer.m0".
type refusals map[string]bool

// ShopFacts implements decisions.ShopFacts in one query. A part that the app has no right to is left out and asked for
// no more in this question; it stays untold, and the log says so once. Errors as CreateDiscount.
func (c *Client) ShopFacts(ctx context.Context, q decisions.ShopQuestion) (decisions.ShopAnswer, error) {
	without := map[string]bool{}
	for {
		b := factsFor(q, c.clock.Now(), without)
		if len(b.roots) == 0 {
			return decisions.ShopAnswer{}, nil
		}
		act := c.act("read_facts", b.roots...)
		act.denied = refusals{}
		data := map[string]json.RawMessage{}
		err := act.MakeRequest(ctx, &graphql.Request{Query: b.String(), Variables: b.variables, OpName: "shopFacts"},
			&graphql.Response{Data: &data})
		c.sayRefused(act.denied)
		before := len(without)
		for path := range act.denied {
			without[partOf(path)] = true
		}
		if err == nil {
			return readFacts(q, data, act.denied, c.clock.Now()), nil
		}
		if len(without) == before {
			return decisions.ShopAnswer{}, err
		}
	}
}

// partOf is the part of a question that a refused path leads to.
func partOf(path string) string {
	root, _, _ := strings.Cut(path, ".")
	if strings.HasSuffix(path, ".product") || strings.HasPrefix(root, "p") && root != askedProducts {
		return askedProducts
	}
	return root
}

// sayRefused tells the log of each part once.
func (c *Client) sayRefused(refused refusals) {
	for path := range refused {
		part := partOf(path)
		if _, said := c.said.LoadOrStore("facts "+part, true); !said {
			c.log.Warn("the shop does not say what a campaign's rules ask: the app has no right to it", "part", part)
		}
	}
}

// classifyFacts is classify for an answer that may lack fields for want of a right: one whose only errors are those is
// used without them. A root that cannot be null takes the whole answer with it; what was refused is noted all the same.
func (a answer) classifyFacts(into refusals, roots []string, data any, now time.Time) (spending, error) {
	var env envelope
	if a.Status != http.StatusOK || json.Unmarshal(a.Body, &env) != nil || empty(env.Errors) {
		return a.classify(roots, data, now)
	}
	var list []struct {
		Path       []any `json:"path"`
		Extensions struct {
			Code string `json:"code"`
		} `json:"extensions"`
	}
	only := json.Unmarshal(env.Errors, &list) == nil
	found := refusals{}
	for _, one := range list {
		if one.Extensions.Code != "ACCESS_DENIED" || len(one.Path) == 0 {
			only = false
			continue
		}
		found[pathOf(one.Path)] = true
	}
	if !only {
		return a.classify(roots, data, now)
	}
	maps.Copy(into, found)
	if hasResult(env.Data) {
		env.Errors = nil
		if body, err := json.Marshal(env); err == nil {
			a.Body = body
		}
	}
	return a.classify(roots, data, now)
}

// pathOf writes the names of a path, without the numbers of lists.
func pathOf(path []any) string {
	var names []string
	for _, step := range path {
		if name, is := step.(string); is && name != "nodes" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ".")
}

// readFacts reads what was answered. A field that is not as it should be is one that was not told.
func readFacts(q decisions.ShopQuestion, data map[string]json.RawMessage, refused refusals,
	now time.Time) decisions.ShopAnswer {
	answer := decisions.ShopAnswer{Metafields: map[string][]string{}, Segments: map[string]bool{},
		InCollection: map[string]decisions.State{}}
	var segments struct {
		Memberships []struct {
			SegmentID string `json:"segmentId"`
			IsMember  bool   `json:"isMember"`
		} `json:"memberships"`
	}
	if json.Unmarshal(data[askedSegments], &segments) == nil {
		for _, m := range segments.Memberships {
			answer.Segments[m.SegmentID] = m.IsMember
		}
	}
	readCustomer(&answer, q, data[askedCustomer], refused)
	if answer.BoughtAll && q.Bought.Before(now.Add(-ordersSeen)) {
		answer.BoughtAll = seesAllOrders(data[askedApp])
	}
	if q.Order != "" {
		readOrderCart(&answer, q, data[askedOrder], refused)
		return answer
	}
	products := make([]map[string]json.RawMessage, 0, len(q.Products))
	for i := range q.Products {
		raw, asked := data[fmt.Sprint("p", i)]
		var p map[string]json.RawMessage
		if !asked || json.Unmarshal(raw, &p) != nil || refused[fmt.Sprint("p", i)] {
			p = nil
		}
		if asked && p == nil && !refused[fmt.Sprint("p", i)] {
			p = map[string]json.RawMessage{} // the shop has no such product
		}
		products = append(products, p)
	}
	readCollections(&answer, q, products)
	return answer
}

// readCollections says for each collection whether one of the products is in it. A product of which nothing was told
// leaves it open.
func readCollections(answer *decisions.ShopAnswer, q decisions.ShopQuestion, products []map[string]json.RawMessage) {
	for i, gid := range q.Collections {
		state := decisions.No
		for _, p := range products {
			var in bool
			raw, told := p[fmt.Sprint("c", i)]
			if told && json.Unmarshal(raw, &in) == nil && in {
				state = decisions.Yes
				break
			}
			if p == nil {
				state = decisions.Unknown
			}
		}
		answer.InCollection[gid] = state
	}
}

func seesAllOrders(raw json.RawMessage) bool {
	var app struct {
		AccessScopes []struct {
			Handle string `json:"handle"`
		} `json:"accessScopes"`
	}
	if json.Unmarshal(raw, &app) != nil {
		return false
	}
	for _, s := range app.AccessScopes {
		if s.Handle == ScopeAllOrders {
			return true
		}
	}
	return false
}
