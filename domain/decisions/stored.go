package decisions

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"pointbridge/domain/identity"
)

// ErrStored is a text that is no stored request, no stored facts or no stored policy.
var ErrStored = errors.New("this is not what was stored")

// maxStored is the size that nothing stored exceeds: the bounded facts of a request are far smaller.
const maxStored = 1 << 20

// EncodeRequest writes a request as it is stored, for years: with every field, in one order.
func EncodeRequest(r Request) ([]byte, error) { return encode(r.settled()) }

// EncodeFacts writes facts as they are stored. What is stored is what was decided by: Bounded before.
func EncodeFacts(f Facts) ([]byte, error) { return encode(f.settled()) }

// EncodePolicy writes a policy as its version is stored.
func EncodePolicy(p Policy) ([]byte, error) { return encode(p.Settled()) }

// EncodeAnswer writes an answer as it is stored, and as a replay must write it again.
func EncodeAnswer(a Answer) ([]byte, error) { return encode(a) }

// DecodeRequest reads a stored request.
func DecodeRequest(text []byte) (Request, error) {
	var r Request
	if err := decode(text, &r); err != nil {
		return Request{}, err
	}
	if r.Format != Format || !slices.Contains(Stages(), r.Stage) || !Tellable(r.At) ||
		slices.ContainsFunc(r.Shown, func(s ShownKind) bool { return s.Count < 1 || !known(s.Kind) }) {
		return Request{}, fmt.Errorf("%w: a request", ErrStored)
	}
	return r.settled(), nil
}

// DecodeFacts reads stored facts.
func DecodeFacts(text []byte) (Facts, error) {
	var f Facts
	if err := decode(text, &f); err != nil {
		return Facts{}, err
	}
	good := f.Format == Format && f.EmailsPerIP >= 0 && f.Left >= 0 && tallies(f.UsesInAll, f.UsesOfCode) &&
		slices.Contains([]CampaignStatus{CampaignDraft, CampaignNotStarted, CampaignLive, CampaignPaused,
			CampaignEnded}, f.Campaign) && !slices.ContainsFunc(f.Held, Held.unreadable) &&
		slices.Contains([]CodeState{CodeAbsent, CodeValid, CodeUnknown, CodeExpired, CodeCancelled, CodeUsed}, f.Code) &&
		slices.Contains([]Owner{OwnerAnybody, OwnerSame, OwnerOther, OwnerUnknown}, f.Owner)
	for _, u := range f.Uses {
		good = good && Tellable(u.At) && !slices.ContainsFunc(u.Same, func(k identity.Kind) bool { return !known(k) })
	}
	if !good {
		return Facts{}, fmt.Errorf("%w: facts", ErrStored)
	}
	return f.settled(), nil
}

// DecodePolicy reads a stored policy; one that could not have been stored is none.
func DecodePolicy(text []byte) (Policy, error) {
	var p Policy
	if err := decode(text, &p); err != nil {
		return Policy{}, err
	}
	if faults := p.Faults(); len(faults) > 0 || p.Version < 1 {
		return Policy{}, fmt.Errorf("%w: a policy with %d faults", ErrStored, len(faults))
	}
	return p.Settled(), nil
}

// DecodeAnswer reads a stored answer.
func DecodeAnswer(text []byte) (Answer, error) {
	var a Answer
	if err := decode(text, &a); err != nil {
		return Answer{}, err
	}
	if !slices.Contains(Outcomes(), a.Outcome) || (a.Outcome == Refuse) != slices.Contains(Reasons(), a.Reason) ||
		(a.Reason != "" && a.Outcome != Refuse) {
		return Answer{}, fmt.Errorf("%w: an answer", ErrStored)
	}
	return a, nil
}

// Again decides once more from what was stored. Under the policy's version of then it writes the same bytes.
func Again(request, facts []byte, p Policy) (Answer, []byte, error) {
	r, err := DecodeRequest(request)
	if err != nil {
		return Answer{}, nil, err
	}
	f, err := DecodeFacts(facts)
	if err != nil {
		return Answer{}, nil, err
	}
	a := Decide(r, p, f)
	text, err := EncodeAnswer(a)
	return a, text, err
}

func (r Request) settled() Request {
	r.Format, r.At = Format, r.At.UTC()
	shown := append([]ShownKind{}, r.Shown...)
	slices.SortStableFunc(shown, func(a, b ShownKind) int {
		return slices.Index(reported(), a.Kind) - slices.Index(reported(), b.Kind)
	})
	r.Shown = shown
	return r
}

func (f Facts) settled() Facts {
	f.Format = Format
	uses := append([]PastUse{}, f.Uses...)
	for i := range uses {
		uses[i].At, uses[i].Same = uses[i].At.UTC(), inOrder(uses[i].Same)
	}
	slices.SortFunc(uses, newestFirst)
	f.Uses, f.Held = uses, settledHeld(f.Held)
	return f
}

// tallies tells whether counts are some.
func tallies(counts ...*int) bool {
	return !slices.ContainsFunc(counts, func(n *int) bool { return n != nil && *n < 0 })
}

func known(k identity.Kind) bool { return slices.Contains(reported(), k) }

// Tellable tells whether a time can be written at all: JSON has years of four digits.
func Tellable(at time.Time) bool { return at.UTC().Year() >= 1 && at.UTC().Year() <= 9999 }

func encode(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write what is stored: %w", err)
	}
	return text, nil
}

// decode reads one value and nothing beside it. Its errors name no value.
func decode(text []byte, into any) error {
	if len(text) > maxStored {
		return fmt.Errorf("%w: it is too large", ErrStored)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return ErrStored
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return ErrStored
	}
	return nil
}
