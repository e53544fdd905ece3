package decisions

import (
	"cmp"
	"context"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/identity"
)

// Refusal is a decision that refused a code before there was an order. An order that broke a rule is none: its discount
// was given.
type Refusal struct {
	ID         int64
	CampaignID int64
	Campaign   string
	At         time.Time
	Reason     Reason
	Enforced   bool
	Code       string
	Worth      Worth
	// Erased tells that it was forgotten whom it was about.
	Erased bool
	Print  identity.Print
}

// Refusals reads what is kept of refusals.
type Refusals interface {
	// Refusals gives the newest of a time with their prints; an empty campaign is all of them.
	Refusals(ctx context.Context, campaign string, from, to time.Time, limit int) ([]Refusal, error)
	// UsedAfter gives, of enforced refusals, when somebody with one of their digests of these kinds used a code of the
	// campaign within the day after it; orders that came to nothing, and tests, are no uses.
	UsedAfter(ctx context.Context, list []Refusal, kinds []identity.Kind) (map[int64]time.Time, error)
}

// Bounds of a report of blocked value.
const (
	MostRefusals     = 50_000
	MostBlockedLines = 5_000
)

// Blocked is the value of discounts that decisions refused.
type Blocked struct {
	Lines []BlockedLine
	// Totals has one line for each currency.
	Totals []BlockedLine
	// Refused are the refusals that were looked at, Forgotten those of them of which nobody can tell any more whom they
	// were about, and UsedAfter the persons who used a code of the campaign later that day: neither count.
	Refused, Forgotten, UsedAfter int64
	// Cut tells that there were more refusals than are looked at, or more lines than are given.
	Cut bool
}

// BlockedLine is a day's value of one campaign and reason in one currency; without a currency it counts those of whom
// nobody can tell the value. Shadow is what would have been blocked.
type BlockedLine struct {
	Date             string
	Campaign         string
	Reason           Reason
	Currency         string
	Enforced, Shadow BlockedSums
}

// BlockedSums are in minor units. Each person is counted once for each campaign and day; Known and Estimated are what
// their discounts come to, EstimatedPeople those of People whose part is estimated.
type BlockedSums struct{ People, EstimatedPeople, Known, Estimated int64 }

func (s *BlockedSums) add(w Worth) {
	s.People++
	if w.Estimated {
		s.EstimatedPeople++
		s.Estimated += w.Amount.Minor
		return
	}
	s.Known += w.Amount.Minor
}

// tellingKinds are those of which one in common is enough to count two refusals as one person's. It is more than a
// campaign's own rules need: what is in doubt is counted once, so that the figure is never too large for that.
func tellingKinds() []identity.Kind {
	return []identity.Kind{identity.Customer, identity.Email, identity.Phone, identity.Device}
}

// Blocked adds up the days from one to another, both included; an empty campaign is all of them. Errors:
// domain.CodeCampaignNotFound.
func (k Desk) Blocked(ctx context.Context, campaign string, from, to time.Time) (Blocked, error) {
	if campaign != "" {
		if _, err := k.Service.Campaigns.Find(ctx, campaign, ""); err != nil {
			return Blocked{}, err
		}
	}
	begin, end := domain.StartOfDay(from, k.Zone), domain.StartOfDay(to.AddDate(0, 0, 1), k.Zone)
	list, err := k.Refusals.Refusals(ctx, campaign, begin, end, MostRefusals+1)
	if err != nil {
		return Blocked{}, err
	}
	var b Blocked
	if b.Cut = len(list) > MostRefusals; b.Cut {
		list = list[:MostRefusals]
	}
	b.Refused = int64(len(list))
	list = slices.DeleteFunc(list, func(r Refusal) bool { return r.Erased })
	b.Forgotten = b.Refused - int64(len(list))
	used, err := k.Refusals.UsedAfter(ctx, list, tellingKinds())
	if err != nil {
		return Blocked{}, err
	}
	for i := range list {
		list[i].Print = k.newest([]identity.Print{list[i].Print})[0]
	}
	b.addUp(list, used, k.Zone)
	return b, nil
}

// addUp counts every person of a campaign's day once.
func (b *Blocked) addUp(list []Refusal, used map[int64]time.Time, zone *time.Location) {
	type day struct{ campaign, date string }
	days := map[day][]Refusal{}
	for _, r := range list {
		d := day{r.Campaign, r.At.In(zone).Format(time.DateOnly)}
		days[d] = append(days[d], r)
	}
	lines, totals := map[BlockedLine]*BlockedLine{}, map[BlockedLine]*BlockedLine{}
	for d, refused := range days {
		for _, them := range persons(refused) {
			them = notUsedAfter(d.date, them, used, zone)
			if len(them) == 0 {
				b.UsedAfter++
				continue
			}
			r := telling(them)
			put(lines, BlockedLine{Date: d.date, Campaign: d.campaign, Reason: r.Reason, Currency: r.Worth.Amount.Currency}, r)
			put(totals, BlockedLine{Currency: r.Worth.Amount.Currency}, r)
		}
	}
	b.Lines, b.Totals = inLines(lines), inLines(totals)
	if len(b.Lines) > MostBlockedLines {
		b.Lines, b.Cut = b.Lines[len(b.Lines)-MostBlockedLines:], true
	}
}

// persons are the refusals of a campaign's day by whom they are about. Those that showed nothing by which people are
// told are one person's for each code.
func persons(list []Refusal) [][]Refusal {
	var groups [][]Refusal
	prints := make([]identity.Print, 0, len(list))
	shown, unseen := make([]Refusal, 0, len(list)), map[string]int{}
	for _, r := range list {
		if slices.ContainsFunc(tellingKinds(), func(k identity.Kind) bool { return len(r.Print[k]) > 0 }) {
			shown, prints = append(shown, r), append(prints, r.Print)
			continue
		}
		at, there := unseen[r.Code]
		if !there {
			at = len(groups)
			unseen[r.Code], groups = at, append(groups, nil)
		}
		groups[at] = append(groups[at], r)
	}
	alone := make([]bool, len(shown))
	for _, c := range identity.Clusters(prints, identity.Rule{Alone: tellingKinds()}) {
		var one []Refusal
		for _, m := range c.Members {
			one, alone[m] = append(one, shown[m]), true
		}
		groups = append(groups, one)
	}
	for i, r := range shown {
		if !alone[i] {
			groups = append(groups, []Refusal{r})
		}
	}
	return groups
}

// notUsedAfter leaves out of a person's refusals those after which they used a code that day after all. What was refused
// in shadow is used as a rule, and counts for what it would have been.
func notUsedAfter(date string, them []Refusal, used map[int64]time.Time, zone *time.Location) []Refusal {
	var last time.Time
	for _, r := range them {
		if at, did := used[r.ID]; did && r.Enforced && at.After(last) && at.In(zone).Format(time.DateOnly) == date {
			last = at
		}
	}
	return slices.DeleteFunc(them, func(r Refusal) bool { return r.Enforced && r.At.Before(last) })
}

// telling is the one of a person's refusals that stands for them: one that was acted on, of which the value is known
// rather than estimated, and the last of these.
func telling(them []Refusal) Refusal {
	rank := func(r Refusal) (n int) {
		if r.Enforced {
			n += 4
		}
		switch {
		case r.Worth.Known() && !r.Worth.Estimated:
			n += 2
		case r.Worth.Known():
			n++
		}
		return n
	}
	return slices.MaxFunc(them, func(a, b Refusal) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	})
}

func put(in map[BlockedLine]*BlockedLine, key BlockedLine, r Refusal) {
	if in[key] == nil {
		line := key
		in[key] = &line
	}
	if r.Enforced {
		in[key].Enforced.add(r.Worth)
		return
	}
	in[key].Shadow.add(r.Worth)
}

func inLines(in map[BlockedLine]*BlockedLine) []BlockedLine {
	lines := make([]BlockedLine, 0, len(in))
	for _, l := range in {
		lines = append(lines, *l)
	}
	slices.SortFunc(lines, func(a, b BlockedLine) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.Reason, b.Reason),
			cmp.Compare(a.Currency, b.Currency))
	})
	return lines
}
