package commands

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/poscheck"
	"pointbridge/integrations/store"
)

func posTraceCommand(environ []string) *cobra.Command {
	var member, data string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "trace REFERENCE",
		Short: "What our books and the POS know of a movement, and of those that belong to it",
		Long: "Reads the movements of the coupon that a reference belongs to (COUPON-…, CANCEL-…, GRANT-…, RETAKE-…)\n" +
			"and asks the POS about each. It changes nothing. A reference of `pos check` (CHECK-…, RETURN-…) is in\n" +
			"no books: name its member. Of the settings only POS_* and DATABASE_URL have to be there. The output\n" +
			"names the member by the id alone; a reference holds a code that may be spent: treat it like money.\n" +
			"Exit code: 0 when both sides say the same (of a check: when the POS has it), 1 when not, 2 when it\n" +
			"cannot be told.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			st, trails, err := tracePOS(cmd, environ, data, member, strings.TrimSpace(args[0]))
			if err != nil {
				return &exitError{exitUntold, err}
			}
			if asJSON {
				err = traceJSON(cmd.OutOrStdout(), st, trails)
			} else {
				traceText(cmd.OutOrStdout(), st, trails)
			}
			if err != nil {
				return err
			}
			return traceCode(trails)
		},
	}
	cmd.Flags().StringVar(&member, "member", "", "id of the member, for a reference that is in no books")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	withData(cmd, &data)
	return cmd
}

// tracePOS reads what our books have, and asks the POS. Of a check's reference there is no coupon.
func tracePOS(cmd *cobra.Command, environ []string, data, member, reference string) (st coupons.State,
	trails []poscheck.Trail, err error) {
	ctx := cmd.Context()
	cfg, err := posConfig(environ, data, member == "")
	if err != nil {
		return st, nil, err
	}
	pos, err := cfg.AskedPOS()
	if err != nil {
		return st, nil, err
	}
	if member != "" {
		st.Movements = poscheck.Named(member, reference, pos.Clock.Now())
		if len(st.Movements) == 0 {
			return st, nil, errors.New("this is no reference of a check; without --member it is looked for in our books")
		}
		return st, found(pos.Trace(ctx, st.Movements)), nil
	}
	err = withBooks(ctx, cfg, func(db *store.Store) error {
		st, err = db.Coupons.ByReference(ctx, reference)
		return err
	})
	if domain.CodeOf(err) == domain.CodeCouponNotFound {
		return st, nil, errors.New("our books have no movement of this reference")
	}
	if err != nil {
		return st, nil, err
	}
	return st, pos.Trace(ctx, st.Movements), nil
}

// found leaves of the forms that a movement may have the one that the POS knows.
func found(trails []poscheck.Trail) []poscheck.Trail {
	for _, t := range trails {
		if len(t.Entries) > 0 {
			return []poscheck.Trail{t}
		}
	}
	return trails[:1]
}

func traceCode(trails []poscheck.Trail) error {
	code := 0
	for _, t := range trails {
		switch t.Verdict {
		case poscheck.NotHeld:
			return &exitError{code: exitNotKept}
		case poscheck.Unknown, poscheck.NotAsked:
			code = exitUntold
		case poscheck.Held:
		}
	}
	if code != 0 {
		return &exitError{code: code}
	}
	return nil
}

func traceText(w io.Writer, st coupons.State, trails []poscheck.Trail) {
	if st.Coupon.ID != 0 {
		say(w, "Coupon %d of member %s: %s.", st.Coupon.ID, st.Coupon.CustomerID, st.Coupon.Status)
	}
	for _, t := range trails {
		m := t.Movement
		say(w, "\n%s%s", m.Reference, named(" gives back ", m.RelatedReference))
		if st.Coupon.ID != 0 {
			say(w, "  our books: %s %s of %s, begun %s%s%s%s", m.State, m.Kind, counted(m.Points), stamp(m.CreatedAt),
				named(", settled ", stampOrNone(m.SettledAt)), named(", entry ", m.EntryID), balances(m))
		}
		for _, e := range t.Entries {
			say(w, "  the POS:   %+d points%s%s", e.Points, named(", entry ", e.ID), named(", booked ", stamp(e.At)))
		}
		if len(t.Entries) == 0 && t.Verdict != poscheck.NotAsked && t.Err == nil {
			say(w, "  the POS:   nothing")
		}
		say(w, "  %s", trailText(t))
	}
}

// trailText says what the two sides come to.
func trailText(t poscheck.Trail) string {
	switch {
	case t.Movement.State == "" && t.Verdict == poscheck.Held:
		return "It stands in the POS."
	case t.Movement.State == "" && t.Verdict == poscheck.NotHeld && t.Err == nil:
		return "The POS has no such entry."
	case t.Err != nil && t.Verdict == poscheck.NotHeld:
		return "THEY DIFFER: the POS has another amount under this reference, or several entries."
	case t.Err != nil:
		return "NOT TOLD: the POS gave no answer that says so: " + cause(t.Err)
	case t.Verdict == poscheck.Held:
		return "Both say the same."
	case t.Verdict == poscheck.NotHeld:
		return "THEY DIFFER."
	case t.Verdict == poscheck.NotAsked:
		return "NOT TOLD: this POS cannot be asked for a movement (POS_LOOKUP=none)."
	case len(t.Entries) > 1:
		return "NOT TOLD: each of these may be it."
	default:
		return "NOT TOLD: nobody has settled yet what became of it."
	}
}

func counted(points int64) string {
	if points == 1 {
		return "1 point"
	}
	return fmt.Sprintf("%d points", points)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func stampOrNone(t *time.Time) string {
	if t == nil {
		return ""
	}
	return stamp(*t)
}

func balances(m domain.Movement) string {
	if m.PreviousBalance == nil || m.Balance == nil {
		return ""
	}
	return fmt.Sprintf(", balance %d, then %d", *m.PreviousBalance, *m.Balance)
}

// traceDocument is a trace for programs.
type traceDocument struct {
	CouponID   int64           `json:"coupon_id,omitempty"`
	CustomerID string          `json:"customer_id"`
	Status     domain.Status   `json:"status,omitempty"`
	Movements  []traceMovement `json:"movements"`
}

type traceMovement struct {
	Reference        string               `json:"reference"`
	RelatedReference string               `json:"related_reference,omitempty"`
	Kind             domain.MovementKind  `json:"kind"`
	State            domain.MovementState `json:"state"`
	Points           int64                `json:"points"`
	EntryID          string               `json:"entry_id,omitempty"`
	CreatedAt        string               `json:"created_at"`
	SettledAt        string               `json:"settled_at,omitempty"`
	BalanceBefore    *int64               `json:"balance_before"`
	BalanceAfter     *int64               `json:"balance_after"`
	Verdict          poscheck.Verdict     `json:"verdict"`
	Sentence         string               `json:"sentence"`
	POS              []traceEntry         `json:"pos"`
}

type traceEntry struct {
	EntryID string `json:"entry_id,omitempty"`
	Points  int64  `json:"points"`
	At      string `json:"at,omitempty"`
}

func traceJSON(w io.Writer, st coupons.State, trails []poscheck.Trail) error {
	d := traceDocument{CouponID: st.Coupon.ID, CustomerID: trails[0].Movement.CustomerID, Status: st.Coupon.Status}
	for _, t := range trails {
		m := t.Movement
		line := traceMovement{Reference: m.Reference, RelatedReference: m.RelatedReference, Kind: m.Kind, State: m.State,
			Points: m.Points, EntryID: m.EntryID, CreatedAt: stamp(m.CreatedAt), SettledAt: stampOrNone(m.SettledAt),
			BalanceBefore: m.PreviousBalance, BalanceAfter: m.Balance, Verdict: t.Verdict, Sentence: trailText(t),
			POS: []traceEntry{}}
		for _, e := range t.Entries {
			line.POS = append(line.POS, traceEntry{e.ID, e.Points, stamp(e.At)})
		}
		d.Movements = append(d.Movements, line)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(d)
}
