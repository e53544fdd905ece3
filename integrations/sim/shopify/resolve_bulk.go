package shopify

import (
	"context"

	graphql "github.com/graph-gophers/graphql-go"
)

type bulkAddArgs struct {
	Codes      []struct{ Code string }
	DiscountID graphql.ID
}

// DiscountRedeemCodeBulkAdd takes codes in; they are added afterwards.
func (m mutations) DiscountRedeemCodeBulkAdd(ctx context.Context, args bulkAddArgs) (*payload, error) {
	return m.run(ctx, func(p *payload) error {
		codes := make([]string, len(args.Codes))
		for i, c := range args.Codes {
			codes[i] = c.Code
		}
		b, refused, err := m.s.addCodes(string(args.DiscountID), codes)
		p.BulkCreation, p.UserErrors = m.s.bulkNode(b), refused
		return err
	})
}

// DiscountCodeBulkDelete takes discounts in; they are deleted afterwards.
func (m mutations) DiscountCodeBulkDelete(ctx context.Context, args struct{ IDs *[]graphql.ID }) (*payload, error) {
	return m.run(ctx, func(p *payload) error {
		b, refused, err := m.s.deleteDiscounts(idTexts(args.IDs))
		if b != nil {
			p.Job = &jobNode{ID: graphql.ID(gid("Job", b.ID))}
		}
		p.UserErrors = refused
		return err
	})
}

type jobNode struct {
	ID   graphql.ID
	Done bool
}

// Job answers QueryRoot.job.
func (q queries) Job(args struct{ ID graphql.ID }) *jobNode {
	q.s.state.mu.RLock()
	defer q.s.state.mu.RUnlock()
	n, _ := parseGID("Job", string(args.ID))
	b := q.s.state.removals[n]
	if b == nil {
		return nil
	}
	return &jobNode{ID: args.ID, Done: b.Done}
}

// DiscountRedeemCodeBulkCreation answers QueryRoot.discountRedeemCodeBulkCreation.
func (q queries) DiscountRedeemCodeBulkCreation(args struct{ ID graphql.ID }) *bulkNode {
	q.s.state.mu.RLock()
	n, _ := parseGID("DiscountRedeemCodeBulkCreation", string(args.ID))
	b := q.s.state.bulks[n]
	q.s.state.mu.RUnlock()
	return q.s.bulkNode(b)
}

type bulkNode struct {
	ID            graphql.ID
	CreatedAt     dateTime
	Done          bool
	CodesCount    int32
	ImportedCount int32
	FailedCount   int32
	s             *Server
	b             *bulkAdd
}

func (s *Server) bulkNode(b *bulkAdd) *bulkNode {
	if b == nil {
		return nil
	}
	n := &bulkNode{ID: graphql.ID(gid("DiscountRedeemCodeBulkCreation", b.ID)), CreatedAt: dateTime{Time: b.At},
		Done: b.Done, CodesCount: int32(len(b.Codes)), s: s, b: b}
	if b.Done {
		n.FailedCount = int32(len(b.Failed))
		n.ImportedCount = n.CodesCount - n.FailedCount
	}
	return n
}

type bulkCodeNode struct {
	Code               string
	DiscountRedeemCode *redeemCodeNode
	Errors             []userError
}

// Codes answers what became of each code; nothing has yet before it is done.
func (n *bulkNode) Codes(args pageArgs) (*connection[bulkCodeNode], error) {
	list := ordered{}
	for i := range n.b.Codes {
		list.ids = append(list.ids, int64(i))
	}
	return paged(list, args, func(i int64) bulkCodeNode {
		node := bulkCodeNode{Code: n.b.Codes[i], Errors: []userError{}}
		if why := n.b.Failed[int(i)]; why != "" {
			node.Errors = append(node.Errors, refusal(why, bulkMessage(why), "code"))
		}
		return node
	})
}

func bulkMessage(code string) string {
	switch code {
	case "TAKEN":
		return "Code must be unique. Please try a different code."
	case "TOO_LONG":
		return "Code is too long (maximum is 255 characters)"
	case "TOO_SHORT":
		return "Code is too short (minimum is 1 character)"
	default:
		return "Code is invalid"
	}
}
