package notices

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
)

// People look at mails with sample data before customers get them, and let one go to themselves.

const (
	// proofsMost is how many mails with sample data somebody lets go to themselves within proofsWithin.
	proofsMost   = 5
	proofsWithin = 10 * time.Minute
)

// Preview is a mail as it would be sent.
type Preview struct{ Subject, Text, HTML string }

// Printer writes and sends mails with sample data.
type Printer interface {
	Samples() []string
	// Sample writes one. Errors: not_found.
	Sample(kind, locale string) (Preview, error)
	// SendSample sends one. Errors: not_found; a *domain.UpstreamError.
	SendSample(ctx context.Context, to, kind, locale, event string) (Receipt, error)
}

// ProofLog keeps who let such a mail go.
type ProofLog interface {
	// AskProof writes the entry where the actor has fewer than most of its action since then. Errors: rate_limited.
	AskProof(ctx context.Context, entry domain.AuditEntry, since time.Time, most int) error
}

// Proofs shows mails with sample data.
type Proofs struct {
	Printer
	Log   ProofLog
	Clock domain.Clock
}

// Proof asks for a mail with sample data, to the address of whoever asks.
type Proof struct {
	Caller domain.Caller
	// To is the person's own address, as their account has it.
	To           string
	Kind, Locale string
	// Key names the form: the same one twice is recognisable as one mail.
	Key string
}

// Proven is what became of it: sent, refused, unavailable or unknown, with what the mail server said.
type Proven struct {
	State State
	Receipt
}

// Send lets it go, once: it is written down first, and nothing tries again. Errors: not_found, mail_not_sendable,
// rate_limited.
func (p Proofs) Send(ctx context.Context, a Proof) (Proven, error) {
	if _, err := p.Sample(a.Kind, a.Locale); err != nil {
		return Proven{}, err
	}
	if a.To == "" {
		return Proven{}, domain.Refuse(domain.CodeMailNotSendable)
	}
	now := p.Clock.Now()
	entry := domain.AuditEntry{At: now, Actor: a.Caller.ID, ActorName: a.Caller.Name, Credential: a.Caller.Credential,
		Action: domain.ActionMailTried, Outcome: domain.OutcomeDone, Detail: map[string]any{"mail": a.Kind, "locale": a.Locale}}
	if err := p.Log.AskProof(ctx, entry, now.Add(-proofsWithin), proofsMost); err != nil {
		return Proven{}, err
	}
	receipt, err := p.SendSample(ctx, a.To, a.Kind, a.Locale, a.Key)
	var upstream *domain.UpstreamError
	if err != nil && !errors.As(err, &upstream) {
		return Proven{}, err
	}
	return Proven{stateAfter(err), receipt}, nil
}
