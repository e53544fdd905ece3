package books

import (
	"cmp"
	"context"
	"errors"
	"hash/fnv"
	"maps"
	"slices"
	"sync"

	"pointbridge/domain"
	"pointbridge/domain/beside"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
)

// ErrServing says that a service works on the database.
var ErrServing = errors.New("a service works on this database: stop it first")

// ErrSilent says that an upstream answers nothing about anybody any more.
var ErrSilent = errors.New("an upstream does not answer: run it again later")

// mostSilent is after how many members in a row without an answer nobody is asked any more.
const mostSilent = 20

// Rebuilder makes our book again from what stands outside. Its fields are set once, before the first call.
type Rebuilder struct {
	// Checker reads the outside and our own side.
	Checker *Checker
	Settings
	Discounts Discounts
	Restorer  Restorer
	// Serving reports whether a service works on the database.
	Serving func(ctx context.Context) (bool, error)
	// ShopperID is the id under which a customer of the shop is kept who is no member.
	ShopperID func(shopCustomerGID string) string
	// Workers is how many members are restored at once.
	Workers int
}

// Restored is what a run finds of one code. Like Difference it is for an operator's eyes: a code is as good as money.
type Restored struct {
	CustomerID string         `json:"customer_id"`
	Code       string         `json:"code"`
	From       domain.Status  `json:"from,omitempty"`
	To         domain.Status  `json:"to,omitempty"`
	Points     int64          `json:"points"`
	Doubts     []Doubt        `json:"doubts,omitempty"`
	Reviews    []reviews.Kind `json:"reviews,omitempty"`
	Differs    []string       `json:"differs,omitempty"`
	// Stopped says that the code was, or in a rehearsal would be, deactivated first.
	Stopped bool `json:"stopped,omitempty"`
	// Cause is why nothing was restored, made of machine words; empty where something was.
	Cause string `json:"cause,omitempty"`
	// Campaign and Shop name a campaign's discount that the database does not have, and what the shop shows of it.
	Campaign string `json:"campaign,omitempty"`
	Shop     string `json:"shop,omitempty"`
}

// RebuildSummary is the figures of one run.
type RebuildSummary struct {
	Write     bool                  `json:"write"`
	Discounts int                   `json:"discounts"`
	Members   int                   `json:"members"`
	Right     int                   `json:"right"`
	Restored  map[domain.Status]int `json:"restored"`
	Reviews   int                   `json:"reviews"`
	Stopped   int                   `json:"stopped"`
	// Left counts what was not restored and is named.
	Left int `json:"left"`
	// Campaigns are the discounts of campaigns; Unknown counts those that the database does not have, which are named.
	Campaigns int `json:"campaigns"`
	Unknown   int `json:"campaigns_unknown"`
}

// RebuildSink is told of what a run finds; both may be called from several members' work, one call at a time.
type RebuildSink struct {
	Found    func(Restored)
	Progress func(RebuildSummary)
}

// rebuild is one run. The codes and members that it has been at are kept as digests of eight bytes.
type rebuild struct {
	*Rebuilder
	*run
	write    bool
	out      RebuildSink
	families families
	shoppers shoppers

	mu    sync.Mutex
	sum   RebuildSummary
	codes map[uint64]bool
	seen  map[uint64]bool
	// silent counts members in a row of whom nothing could be asked.
	silent int
	// waiting are members' codes that wait to be committed together, and waits is how many codes that are.
	waiting    []prepared
	waits      int
	committing sync.Mutex
}

// Rebuild restores what the outside tells, or says what it would. Errors: ErrServing; those of the database and of the
// list of discounts; the context's. What could not be asked of a member is named, and no error.
func (b *Rebuilder) Rebuild(ctx context.Context, write bool, out RebuildSink) (RebuildSummary, error) {
	r := &rebuild{Rebuilder: b, run: &run{Checker: b.Checker, failed: map[string]int{}}, write: write, out: out,
		sum: RebuildSummary{Write: write, Restored: map[domain.Status]int{}}, codes: map[uint64]bool{},
		seen: map[uint64]bool{}, shoppers: shoppers{}}
	list, err := b.Restorer.Families(ctx)
	if err != nil {
		return r.sum, err
	}
	r.families = familiesOf(list)
	if write && r.POS == nil {
		if err := r.Restorer.RestoredBlind(ctx, r.Clock.Now()); err != nil {
			return r.sum, err
		}
	}
	for _, part := range []func(context.Context) error{r.listedMembers, r.notMembers, r.keptMembers} {
		if err := part(ctx); err != nil {
			return r.sum, err
		}
	}
	return r.sum, nil
}

// listedMembers goes through the shop's discounts. They come by title, so that a member's stand on few pages; one that
// turns up again later is looked at again.
func (r *rebuild) listedMembers(ctx context.Context) error {
	for after := ""; ; {
		page, err := ask(ctx, r.run, upstreamShopify, func(ctx context.Context) (coupons.DiscountPage, error) {
			return r.Discounts.OurDiscounts(ctx, after)
		})
		if err != nil {
			return err
		}
		of, err := r.byMember(ctx, page.Discounts)
		if err != nil {
			return err
		}
		if err := r.members(ctx, of); err != nil {
			return err
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

// byMember sorts a page's discounts, and leaves out what is not ours.
func (r *rebuild) byMember(ctx context.Context,
	page []coupons.FoundDiscount) (map[string][]coupons.FoundDiscount, error) {
	if err := r.ofCampaigns(ctx, page); err != nil {
		return nil, err
	}
	of, numbers := map[string][]coupons.FoundDiscount{}, map[string]string{}
	for _, d := range page {
		marks, ours := r.families.marks(d)
		r.sum.Discounts++
		switch {
		case !ours: // a merchant's own, or of a campaign that is not there
		case marks.Member == "" && marks.Campaign != "" && d.CustomerCount == 1:
			r.shoppers[d.CustomerGID] = append(r.shoppers[d.CustomerGID], d)
		case marks.Member == "" || !domain.ValidCustomerID(marks.Member):
			r.leave(Restored{Code: marks.Code}, "no_member")
		default:
			now, err := numbers[marks.Member], error(nil)
			if now == "" {
				if now, err = r.Restorer.NumberNow(ctx, marks.Member); err != nil {
					return nil, err
				}
				numbers[marks.Member] = now
			}
			of[now] = append(of[now], d)
		}
	}
	return of, nil
}

// keptMembers goes through those that the database has, be it from a backup or because they were brought in anew.
func (r *rebuild) keptMembers(ctx context.Context) error {
	for after := ""; ; {
		ids, err := r.Ours.Members(ctx, after, memberPage)
		if err != nil {
			return err
		}
		of := map[string][]coupons.FoundDiscount{}
		for _, id := range ids {
			if !r.seen[digest(id)] {
				of[id] = nil
			}
			after = id
		}
		if err := r.members(ctx, of); err != nil || len(ids) < memberPage {
			return err
		}
	}
}

// members restores some of them beside one another. The first error ends all; what was ready by then is committed.
func (r *rebuild) members(ctx context.Context, of map[string][]coupons.FoundDiscount) error {
	if err := r.mayWrite(ctx); err != nil {
		return err
	}
	ids := slices.Collect(maps.Keys(of))
	err := beside.First(ctx, len(ids), r.Workers, func(ctx context.Context, i int) error {
		one := &rebuild{Rebuilder: r.Rebuilder, families: r.families,
			run: &run{Checker: r.Rebuilder.Checker, failed: map[string]int{}}}
		return one.member(ctx, r, ids[i], of[ids[i]])
	})
	flushed := r.flush(ctx)
	if r.out.Progress != nil {
		r.out.Progress(r.sum)
	}
	return cmp.Or(err, flushed)
}

func (r *rebuild) mayWrite(ctx context.Context) error {
	if !r.write || r.Serving == nil {
		return nil
	}
	busy, err := r.Serving(ctx)
	if err == nil && busy {
		return ErrServing
	}
	return err
}

// tell adds one code to the figures.
func (r *rebuild) tell(f Restored) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case f.Cause != "":
		r.sum.Left++
	default:
		r.sum.Restored[f.To]++
		r.sum.Reviews += len(f.Reviews)
		if f.Stopped {
			r.sum.Stopped++
		}
	}
	if r.out.Found != nil {
		r.out.Found(f)
	}
}

func (r *rebuild) leave(f Restored, cause string) {
	f.Cause = cause
	r.tell(f)
}

// first reports whether a code is met for the first time in this run.
func (r *rebuild) first(code string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	met := r.codes[digest(code)]
	r.codes[digest(code)] = true
	return !met
}

func (r *rebuild) met(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.seen[digest(id)] {
		r.seen[digest(id)] = true
		r.sum.Members++
	}
}

// answered notes whether anything could be asked of a member.
func (r *rebuild) answered(yes bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.silent++; yes {
		r.silent = 0
	}
	if r.silent >= mostSilent {
		return ErrSilent
	}
	return nil
}

func (r *rebuild) right() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Right++
}

func digest(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return h.Sum64()
}

// sameDoubts reports whether an audit entry of an earlier run says the same.
func sameDoubts(history []domain.AuditEntry, doubts []Doubt) bool {
	return slices.ContainsFunc(history, func(e domain.AuditEntry) bool {
		said, _ := e.Detail["doubts"].([]any)
		return e.Action == domain.ActionBooksRestored &&
			slices.EqualFunc(said, doubts, func(one any, doubt Doubt) bool { return one == string(doubt) })
	})
}
