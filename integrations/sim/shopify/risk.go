package shopify

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	graphql "github.com/graph-gophers/graphql-go"
)

// Bounds of an assessment, by the schema: more facts are refused, longer ones cut off.
const (
	mostFacts   = 20
	mostOfAFact = 256
)

// Assessment is what an app says of an order's risk. Each is kept beside the others: whether the vendor replaces an
// app's earlier one is not known.
type Assessment struct {
	Level string `json:"level"`
	Facts []Fact `json:"facts,omitempty"`
}

// Fact is a sentence of an assessment.
type Fact struct {
	Text      string `json:"text"`
	Sentiment string `json:"sentiment"`
}

type riskInput struct {
	OrderID   graphql.ID
	RiskLevel enum
	Facts     []factInput
}

type factInput struct {
	Description string
	Sentiment   enum
}

// assess keeps an assessment of an order.
func (s *Server) assess(in riskInput) (*Assessment, []userError, error) {
	if !slices.Contains(strings.Split(s.scopes(), ","), "write_orders") {
		return nil, nil, accessDenied("orderRiskAssessmentCreate")
	}
	if len(in.Facts) > mostFacts {
		return nil, []userError{refusal("TOO_MANY_FACTS", "Too many facts were provided", riskRoot, "facts")}, nil
	}
	made := Assessment{Level: string(in.RiskLevel)}
	for _, f := range in.Facts {
		text := []rune(f.Description)
		made.Facts = append(made.Facts, Fact{string(text[:min(len(text), mostOfAFact)]), string(f.Sentiment)})
	}
	err := s.changeOrder(string(in.OrderID), func(o *Order, _ time.Time) error {
		if !slices.ContainsFunc(o.Parts(), func(f Fulfilment) bool { return !f.Done }) {
			return ErrFulfilled
		}
		o.Assessments = append(slices.Clone(o.Assessments), made)
		return nil
	})
	switch {
	case errors.Is(err, ErrUnknownOrder):
		return nil, []userError{refusal("NOT_FOUND", "Order not found", riskRoot, "orderId")}, nil
	case errors.Is(err, ErrFulfilled):
		return nil, []userError{refusal("ORDER_ALREADY_FULFILLED", "Order is already fulfilled", riskRoot,
			"orderId")}, nil
	}
	return &made, nil, err
}

const riskRoot = "orderRiskAssessmentInput"

type assessmentNode struct {
	RiskLevel string
	Facts     []factNode
}

type factNode struct{ Description, Sentiment string }

func newAssessmentNode(a *Assessment) *assessmentNode {
	if a == nil {
		return nil
	}
	node := &assessmentNode{RiskLevel: a.Level, Facts: []factNode{}}
	for _, f := range a.Facts {
		node.Facts = append(node.Facts, factNode{f.Text, f.Sentiment})
	}
	return node
}

type riskNode struct{ Assessments []*assessmentNode }

// Risk is what was said of the order's risk.
func (n *orderNode) Risk() riskNode {
	node := riskNode{Assessments: []*assessmentNode{}}
	for i := range n.o.Assessments {
		node.Assessments = append(node.Assessments, newAssessmentNode(&n.o.Assessments[i]))
	}
	return node
}

type riskArgs struct{ OrderRiskAssessmentInput riskInput }

// OrderRiskAssessmentCreate says something of an order's risk.
func (m mutations) OrderRiskAssessmentCreate(ctx context.Context, args riskArgs) (*payload, error) {
	return m.run(ctx, func(p *payload) error {
		made, refused, err := m.s.assess(args.OrderRiskAssessmentInput)
		p.OrderRiskAssessment, p.UserErrors = newAssessmentNode(made), refused
		return err
	})
}
