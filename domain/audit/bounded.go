package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"pointbridge/domain"
)

const (
	// OwnEntries is how many entries of one action a caller's refusals, or reads, get to themselves within a minute,
	// each about something else. OwnUnknown is the same for those who did not prove who they are, all of them
	// together.
	OwnEntries, OwnUnknown = 40, 10
	// Together is how long others are counted before one entry tells of them.
	Together = time.Minute
	// bundlesMost bounds the callers and actions that are counted apart; those beyond are counted together.
	bundlesMost = 10_000
	// namedMost bounds what one entry lists: members, and addresses.
	namedMost = 100
)

// Unknown is the actor of whoever did not prove who they are, Several that of callers who are counted together.
const (
	Unknown = "unknown"
	Several = "several"
)

// Recorder writes one entry of the audit.
type Recorder interface {
	Record(ctx context.Context, entry domain.AuditEntry) error
}

// Bounded writes entries that callers can cause as often as they like: what they are refused, and what they read.
// Entries cannot be deleted, so nobody may make them without bound. What a caller does for the first time in a minute
// is written at once, before it is answered; what is repeated, or is too much, is counted in memory and becomes one
// entry with a number when the minute is over. So a crash loses how often something was repeated within its last
// minute, and never that it happened. Everything else that is recorded goes through unchanged. Each process counts
// for itself.
type Bounded struct {
	Writer Recorder
	Now    func() time.Time

	mu      sync.Mutex
	bundles map[bundleKey]*bundle
}

type bundleKey struct {
	minute                             int64
	actor, credential, action, outcome string
}

// bundle is what one caller did of one kind within a minute.
type bundle struct {
	// own are the things that have an entry of their own.
	own map[string]struct{}
	// times is how often something was only counted, from first to last; alike tells that it always was about the
	// same, and found how much was shown.
	times, found int
	first, last  domain.AuditEntry
	alike        bool
	// members and addresses are whose data it was, and from where; emails are digests of those that were tried.
	members, addresses, emails map[string]struct{}
}

// Record writes an entry, or counts it.
func (b *Bounded) Record(ctx context.Context, e domain.AuditEntry) error {
	e = from(ctx, e)
	if !b.Admit(e) {
		return nil
	}
	err := b.Writer.Record(ctx, e)
	if err != nil {
		b.Withdraw(e)
	}
	return err
}

// Admit reports whether an entry is to be written; otherwise it was counted. Whoever could not write it withdraws it.
func (b *Bounded) Admit(e domain.AuditEntry) bool {
	if !repeatable(e) {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	one, most := b.bundle(e), OwnEntries
	if e.Actor == Unknown {
		most = OwnUnknown
	}
	subject := subjectOf(e)
	if _, told := one.own[subject]; !told && len(one.own) < most {
		one.own[subject] = struct{}{}
		return true
	}
	one.count(e)
	return false
}

// Withdraw takes an entry back that was to be written and was not.
func (b *Bounded) Withdraw(e domain.AuditEntry) {
	if !repeatable(e) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.bundle(e).own, subjectOf(e))
}

// Count only counts: for what a program does all day, so that it waits for no entry.
func (b *Bounded) Count(e domain.AuditEntry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bundle(e).count(e)
}

// Flush writes the numbers of the minutes that are over.
func (b *Bounded) Flush(ctx context.Context) error { return b.flush(ctx, minuteOf(b.Now())) }

// Close writes all there are.
func (b *Bounded) Close(ctx context.Context) error { return b.flush(ctx, minuteOf(b.Now())+1) }

func (b *Bounded) flush(ctx context.Context, before int64) error {
	b.mu.Lock()
	over := map[bundleKey]*bundle{}
	for key, one := range b.bundles {
		if key.minute < before {
			over[key] = one
			delete(b.bundles, key)
		}
	}
	b.mu.Unlock()
	var faults error
	for _, key := range slices.SortedFunc(maps.Keys(over), compareKeys) {
		if over[key].times == 0 {
			continue
		}
		if err := b.Writer.Record(ctx, over[key].entry(key)); err != nil {
			faults = errors.Join(faults, err)
			b.keep(key, over[key])
		}
	}
	return faults
}

// keep puts a number back that could not be written. What was counted for the same minute meanwhile goes with it.
func (b *Bounded) keep(key bundleKey, one *bundle) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if late := b.bundles[key]; late != nil {
		one.times += late.times
	}
	b.put(key, one)
}

// bundle finds or begins the bundle that an entry belongs to.
func (b *Bounded) bundle(e domain.AuditEntry) *bundle {
	key := bundleKey{minuteOf(e.At), e.Actor, e.Credential, e.Action, e.Outcome}
	if one := b.bundles[key]; one != nil {
		return one
	}
	if len(b.bundles) >= bundlesMost {
		key.actor, key.credential = Several, ""
		if one := b.bundles[key]; one != nil {
			return one
		}
	}
	one := &bundle{own: map[string]struct{}{}, members: map[string]struct{}{}, addresses: map[string]struct{}{},
		emails: map[string]struct{}{}}
	b.put(key, one)
	return one
}

func (b *Bounded) put(key bundleKey, one *bundle) {
	if b.bundles == nil {
		b.bundles = map[bundleKey]*bundle{}
	}
	b.bundles[key] = one
}

func (one *bundle) count(e domain.AuditEntry) {
	if one.times++; one.times == 1 {
		one.first, one.alike = e, true
	}
	one.last = e
	one.alike = one.alike && subjectOf(e) == subjectOf(one.first)
	n, _ := e.Detail["found"].(int)
	one.found += n
	name(one.members, e.CustomerID)
	address, _ := e.Detail[addressed].(string)
	name(one.addresses, address)
	email, _ := e.Detail["email_sha256"].(string)
	name(one.emails, email)
}

func name(list map[string]struct{}, text string) {
	if text != "" && len(list) < namedMost {
		list[text] = struct{}{}
	}
}

// entry is the one that tells of all that was counted. What they have in common it has as well.
func (one *bundle) entry(key bundleKey) domain.AuditEntry {
	e := domain.AuditEntry{At: one.last.At, Actor: key.actor, Credential: key.credential, Action: key.action,
		Outcome: key.outcome}
	if key.actor == one.last.Actor {
		e.ActorName = one.last.ActorName
	}
	e.Detail = map[string]any{}
	if one.alike {
		e.Code, e.CouponID = one.first.Code, one.first.CouponID
		maps.Copy(e.Detail, one.first.Detail)
	}
	delete(e.Detail, addressed)
	if one.found > 0 {
		e.Detail["found"] = one.found
	}
	members := slices.Sorted(maps.Keys(one.members))
	if len(members) == 1 {
		e.CustomerID = members[0]
	} else if len(members) > 1 {
		e.Detail["customers"] = members
	}
	if len(one.addresses) > 0 {
		e.Detail["addresses"] = slices.Sorted(maps.Keys(one.addresses))
	}
	if len(one.emails) > 1 {
		e.Detail["emails_sha256"] = slices.Sorted(maps.Keys(one.emails))
	}
	e.Detail["times"], e.Detail["since"] = one.times, one.first.At.UTC().Format(time.RFC3339)
	return e
}

// repeatable tells what a caller can cause as often as they like.
func repeatable(e domain.AuditEntry) bool {
	return e.Outcome == domain.OutcomeRefused || slices.Contains(domain.ReadActions(), e.Action)
}

// subjectOf is what an entry is about: two with one subject say the same.
func subjectOf(e domain.AuditEntry) string {
	subject := fmt.Sprintf("%d %s", e.CouponID, e.CustomerID)
	for _, name := range slices.Sorted(maps.Keys(e.Detail)) {
		if text, ok := e.Detail[name].(string); ok && name != addressed {
			subject += " " + name + "=" + text
		}
	}
	return subject
}

// addressed is the member of a detail that says from where somebody asked. Every other text tells two entries apart: what
// was refused, which batch of codes or which list was taken along. A list of such members would lack the next one.
const addressed = "address"

// from adds the address to what was refused, where it may be kept.
func from(ctx context.Context, e domain.AuditEntry) domain.AuditEntry {
	address := domain.ClientOf(ctx)
	if e.Outcome != domain.OutcomeRefused || address == "" {
		return e
	}
	detail := maps.Clone(e.Detail)
	if detail == nil {
		detail = map[string]any{}
	}
	detail[addressed] = address
	e.Detail = detail
	return e
}

func minuteOf(at time.Time) int64 { return at.UnixNano() / int64(Together) }

func compareKeys(a, b bundleKey) int {
	return cmp.Or(cmp.Compare(a.minute, b.minute), cmp.Compare(a.actor, b.actor), cmp.Compare(a.credential,
		b.credential),
		cmp.Compare(a.action, b.action), cmp.Compare(a.outcome, b.outcome))
}
