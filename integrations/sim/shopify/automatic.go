package shopify

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	graphql "github.com/graph-gophers/graphql-go"

	guardfunction "pointbridge/extensions"
)

// Automatic is a discount that applies by itself, with a Function behind it. There are no others here.
type Automatic struct {
	ID        int64      `json:"id"`
	Title     string     `json:"title"`
	Function  string     `json:"function"`
	StartsAt  time.Time  `json:"starts_at"`
	EndsAt    *time.Time `json:"ends_at"`
	CreatedAt time.Time  `json:"created_at"`
}

// GID is its id as the API gives it.
func (a Automatic) GID() string { return gid(automaticKind, a.ID) }

const (
	automaticKind = "DiscountAutomaticNode"
	// mostAutomatic is how many can be active at once.
	mostAutomatic = 25
)

type automaticInput struct {
	Title           graphql.NullString
	FunctionHandle  graphql.NullString
	StartsAt        dateTime
	EndsAt          dateTime
	DiscountClasses *[]enum
	Context         *contextInput
	CombinesWith    *combinesInput
	Metafields      *[]ownMetafieldInput
}

type ownMetafieldInput struct {
	Namespace graphql.NullString
	Key       graphql.NullString
	Type      graphql.NullString
	Value     graphql.NullString
}

type automaticNode struct{ DiscountID graphql.ID }

// DiscountAutomaticAppCreate makes an automatic discount for a Function that is deployed.
func (m mutations) DiscountAutomaticAppCreate(ctx context.Context,
	args struct{ AutomaticAppDiscount automaticInput }) (*payload, error) {
	return m.run(ctx, func(p *payload) error {
		a, refused, err := m.s.createAutomatic(args.AutomaticAppDiscount)
		if p.UserErrors = refused; a != nil {
			p.AutomaticAppDiscount = &automaticNode{graphql.ID(a.GID())}
		}
		return err
	})
}

// DiscountAutomaticDelete removes one for good.
func (m mutations) DiscountAutomaticDelete(ctx context.Context, args idArgs) (*payload, error) {
	return m.run(ctx, func(p *payload) error {
		refused, err := m.s.deleteAutomatic(string(args.ID))
		if p.UserErrors = refused; refused == nil {
			p.DeletedAutomaticDiscountID = &args.ID
		}
		return err
	})
}

// createAutomatic knows the one Function there is, on the plan on which an app like this may have one. How the real
// store words that it may not is not known.
func (s *Server) createAutomatic(in automaticInput) (*Automatic, []userError, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	at := func(field string) []string { return []string{"automaticAppDiscount", field} }
	if !s.plus.Load() || textOf(in.FunctionHandle) != guardfunction.GuardHandle {
		return nil, []userError{refusal("INVALID", "Function "+textOf(in.FunctionHandle)+" not found. Ensure that it is "+
			"released in the current app, and that the app is installed.", at("functionHandle")...)}, nil
	}
	if strings.TrimSpace(textOf(in.Title)) == "" {
		return nil, []userError{refusal("BLANK", "Title can't be blank", at("title")...)}, nil
	}
	if in.StartsAt.IsZero() {
		return nil, []userError{refusal("BLANK", "Starts at can't be blank", at("startsAt")...)}, nil
	}
	if len(s.state.automatics) >= mostAutomatic {
		return nil, []userError{refusal("MAX_APP_DISCOUNTS", "Too many automatic discounts", "automaticAppDiscount")}, nil
	}
	now := wholeSecond(s.cfg.Clock())
	a := Automatic{ID: s.state.nextID(), Title: textOf(in.Title), Function: textOf(in.FunctionHandle),
		StartsAt: in.StartsAt.Time, EndsAt: timeOrNil(in.EndsAt.Time), CreatedAt: now}
	records := []record{{Automatic: &a}}
	if in.Metafields != nil {
		for _, m := range *in.Metafields {
			if err := checkMetafieldValue(textOf(m.Type), textOf(m.Value)); err != nil {
				return nil, []userError{refusal(err.code, err.message, at("metafields")...)}, nil
			}
			records = append(records, record{Metafield: &Metafield{ID: s.state.nextID(), OwnerID: a.GID(),
				Namespace: s.resolveNamespace(textOf(m.Namespace)), Key: textOf(m.Key), Type: textOf(m.Type),
				Value: textOf(m.Value), CreatedAt: now, UpdatedAt: now}})
		}
	}
	return &a, nil, s.commit("", records...)
}

func (s *Server) deleteAutomatic(id string) ([]userError, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	n, ok := parseGID(automaticKind, id)
	if !ok || s.state.automatics[n] == nil {
		return []userError{refusal("INVALID", "Discount does not exist", "id")}, nil
	}
	return nil, s.commit("", record{DroppedAutomatic: n})
}

// ChangePlan puts the store on Shopify Plus, or on a plan below it. What a Function of a store that has left Plus does
// is not known; here it goes on.
func (s *Server) ChangePlan(plus bool) { s.plus.Store(plus) }

// Automatics are the automatic discounts, the oldest first.
func (s *Server) Automatics() []Automatic {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	var all []Automatic
	for _, id := range s.automaticIDs() {
		all = append(all, *s.state.automatics[id])
	}
	return all
}

// DeleteAutomatic removes one, as a merchant does by hand. Error: ErrUnknownCode.
func (s *Server) DeleteAutomatic(gid string) error {
	refused, err := s.deleteAutomatic(gid)
	if err == nil && refused != nil {
		err = ErrUnknownCode
	}
	return err
}

// automaticIDs are in ascending order. The caller holds the lock.
func (s *Server) automaticIDs() []int64 {
	return slices.Sorted(maps.Keys(s.state.automatics))
}

// automaticNode is nil for nil.
func (s *Server) automaticNode(a *Automatic) *discountNode {
	if a == nil {
		return nil
	}
	return &discountNode{ID: graphql.ID(a.GID()), s: s}
}

// searchAutomatics is what the search for discounts finds of them. The caller holds the lock.
func (s *Server) searchAutomatics(text string) []int64 {
	filter := parseSearch(text)
	return slices.DeleteFunc(s.automaticIDs(), func(id int64) bool {
		a := s.state.automatics[id]
		return !filter.matches(func(t term) (match, known bool) {
			switch t.field {
			case "", "title":
				return t.contains(a.Title), true
			case "method":
				return t.oneOf("automatic"), true
			case "type":
				return t.oneOf("app") || t.value == "all", true
			default:
				return false, t.field != "" && slices.Contains(codeFields, t.field)
			}
		})
	})
}

// codeFields are those by which only discounts with a code are found.
var codeFields = []string{"code", "status", "tag", "id", "times_used", "customer_ids", "discount_class",
	"discount_type", "created_at", "updated_at", "starts_at", "ends_at"}
