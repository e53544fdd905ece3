package codes

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/beside"
	"pointbridge/domain/campaigns"
)

// Service makes batches and keeps their discounts in step with their campaigns. Who may is decided before.
type Service struct {
	Batches   Batches
	Shelf     Shelf
	Library   Library
	Campaigns campaigns.Repository
	Shop      Shop
	Bulk      Bulk
	// Gate is asked before a discount is made; nobody is where it is nil.
	Gate Gate
	// Issuer gives personal codes out; without one there are no bound batches.
	Issuer Issuer
	// Meanings keeps what was asked for, without saying it.
	Meanings domain.Meanings
	Clock    domain.Clock
	Random   io.Reader
	Logger   *slog.Logger
	// Locale is the language in which customers see the title of a discount, Currency the shop's.
	Locale, Currency string
	Timing           Timing
}

// Timing says how long things take. The zero value has the usual figures.
type Timing struct {
	// Lease is how long one actor has a batch from one commit to the next, Settle how much later something that was
	// sent before can still arrive.
	Lease, Settle time.Duration
	// Slice is how long one run works on one batch.
	Slice time.Duration
	// Poll is how long the shop is left alone before it is asked again how far it is.
	Poll time.Duration
}

func (t Timing) filled() Timing {
	set := func(field *time.Duration, usual time.Duration) {
		if *field == 0 {
			*field = usual
		}
	}
	set(&t.Lease, 30*time.Second)
	set(&t.Settle, 30*time.Second)
	set(&t.Slice, 20*time.Second)
	set(&t.Poll, 200*time.Millisecond)
	return t
}

// How much is worked on at once, and how much there can be.
const (
	// atOnce is how many batches one run works on beside each other.
	atOnce    = 4
	dueAtOnce = 64
	// chunkSize is the most that the shop takes in one call.
	chunkSize = 250
	// openChunks is how many chunks the shop works on at once for one batch.
	openChunks  = 4
	planAtOnce  = 2500
	rowsAtOnce  = 16
	sweepAtOnce = 100
	// mostRefused is how many codes the shop may refuse before a batch is stopped.
	mostRefused = 1000
	// tooOld is when what a batch has of people is forgotten, whether or not it was done.
	tooOld = 30 * 24 * time.Hour
	// heldUp is how long a batch is left alone when the shop or the POS cannot be had, refusedPause when it said no.
	heldUp       = 5 * time.Second
	refusedPause = time.Minute
)

// Work does what there is to do about batches: one slice of each. Errors: domain.Later when there is more.
func (s *Service) Work(ctx context.Context) error {
	now := s.Clock.Now()
	ids, err := s.Batches.Due(ctx, now, dueAtOnce)
	if err != nil {
		return err
	}
	stale, err := s.Batches.Stale(ctx, now, now.Add(-tooOld), dueAtOnce)
	if err != nil {
		return err
	}
	ids = append(ids, stale...)
	all := beside.Each(ctx, len(ids), atOnce, func(ctx context.Context, i int) error {
		return s.told(ctx, ids[i], s.Advance(ctx, ids[i]))
	})
	all = append(all, s.told(ctx, 0, s.Sweep(ctx)))
	return soonest(all)
}

// told makes of what the shop or the POS said that there is more to do later: whoever comes then finds it.
func (s *Service) told(ctx context.Context, id int64, err error) error {
	var up *domain.UpstreamError
	if !errors.As(err, &up) || errors.Is(err, domain.ErrConflict) {
		return err
	}
	s.Logger.LogAttrs(ctx, slog.LevelWarn, "codes wait for the shop", slog.Int64("batch", id),
		slog.String("act", up.Act), slog.String("kind", string(up.Kind)), slog.String("reason", up.Reason))
	return &domain.Later{After: pauseAfter(err)}
}

// soonest is the first error that is one; where all say that there is more, the one that comes first.
func soonest(all []error) error {
	var wait *domain.Later
	for _, err := range all {
		var later *domain.Later
		switch {
		case err == nil, errors.Is(err, domain.ErrConflict):
		case !errors.As(err, &later):
			return err
		case wait == nil || later.After < wait.After:
			wait = later
		}
	}
	if wait == nil {
		return nil
	}
	return wait
}

func (s *Service) now() time.Time { return s.Clock.Now() }

func (s *Service) random() io.Reader {
	if s.Random == nil {
		return rand.Reader
	}
	return s.Random
}

func newID() string { return "bat_" + strings.ToLower(rand.Text()) }

func (s *Service) entry(caller domain.Caller, action string, b Batch, detail map[string]any) domain.AuditEntry {
	detail["batch"] = b.PublicID
	return domain.AuditEntry{At: s.now(), Actor: caller.ID, ActorName: caller.Name, Credential: caller.Credential,
		Action: action, Outcome: domain.OutcomeDone, Detail: detail}
}

// system is the entry of something that the service did by itself.
func (s *Service) system(action string, b Batch, detail map[string]any) *domain.AuditEntry {
	e := s.entry(domain.System(), action, b, detail)
	return &e
}
