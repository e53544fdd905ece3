// Package campaigns keeps campaigns: families of codes under one set of rules. Points turned into coupons are one that
// is always there.
package campaigns

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
)

// Points is the key of the built-in campaign: the coupons of conversions.
const Points = domain.CampaignPoints

// Status is how a campaign stands.
type Status = decisions.CampaignStatus

// The statuses; moves has what becomes of each.
const (
	Draft  = decisions.CampaignDraft
	Live   = decisions.CampaignLive
	Paused = decisions.CampaignPaused
	Ended  = decisions.CampaignEnded
)

// moves is the table of statuses. What has ended stays so: its key and its prefix are never used again.
var moves = map[Status][]Status{
	Draft:  {Live, Ended},
	Live:   {Paused, Ended},
	Paused: {Live, Ended},
	Ended:  {},
}

// Statuses lists every status, in the order of a campaign's life.
func Statuses() []Status { return []Status{Draft, Live, Paused, Ended} }

// CanBecome tells whether a campaign may go from one status to another.
func CanBecome(from, to Status) bool { return slices.Contains(moves[from], to) }

// Campaign is a family of codes under one set of rules.
type Campaign struct {
	ID  int64
	Key string
	// Names are what it is called, in each language.
	Names []Name
	// Prefix is what its codes begin with; empty for one whose codes are found in another way.
	Prefix string
	Status Status
	// Policy and Offer are the newest version of its rules: who may use its codes and in which cart, and what they give.
	Policy decisions.Policy
	Offer  Offer
	MadeAt time.Time
	// Version is for compare-and-set.
	Version int64
}

// BuiltIn tells whether it is always there: nobody pauses or ends it here.
func (c Campaign) BuiltIn() bool { return c.Key == Points }

// Protected tells whether decisions about its codes are made.
func (c Campaign) Protected() bool { return c.Policy.Mode != decisions.Off }

// StatusAt is how it stands at a moment: what its offer's end has passed has ended, whether or not anybody wrote that
// down yet, and before its start nothing of it is live.
func (c Campaign) StatusAt(now time.Time) Status {
	switch {
	case c.Offer.Found() || c.Status == Ended:
		return c.Status
	case !now.Before(c.Offer.EndsAt):
		return Ended
	case c.Status == Live && now.Before(c.Offer.StartsAt):
		return Paused
	default:
		return c.Status
	}
}

// FactAt is how it stands for whoever shows a code at a moment: what is not live yet is told from what was paused.
func (c Campaign) FactAt(now time.Time) Status {
	at := c.StatusAt(now)
	if c.Status == Live && at == Paused {
		return decisions.CampaignNotStarted
	}
	return at
}

// WorthOf is what its codes take off at most, in the unit of its values; nil where nobody knows, because others made
// them.
func (o Offer) WorthOf() *int64 {
	if o.Found() {
		return nil
	}
	return &o.Value.Range.Max
}

// NameIn is its name in a language, or in the first that it has one in.
func (c Campaign) NameIn(language string) string {
	for _, n := range c.Names {
		if n.Language == language {
			return n.Text
		}
	}
	if len(c.Names) > 0 {
		return c.Names[0].Text
	}
	return c.Key
}

// Name is what a campaign is called in one language.
type Name struct {
	Language string `json:"language"`
	Text     string `json:"text"`
}

// MaxName is how many characters a name has at most.
const MaxName = 80

var (
	keyForm    = regexp.MustCompile(`^[a-z0-9-]{2,40}$`)
	prefixForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{1,19}$`)
	// A points code is the end of a member's id, six random characters and an amount. Ids are mostly digits; whatever
	// begins as far as into the amount is a points code in the making.
	pointsForm = regexp.MustCompile(`^([0-9]{1,5}-?|[A-Z0-9]{1,5}-[2-9A-HJKMNP-Z]{6}(-[0-9-]*)?)$`)
)

// ValidKey tells whether a text has the form of a key.
func ValidKey(key string) bool { return keyForm.MatchString(key) }

// LooksLikePoints tells whether a prefix would claim codes of the campaign Points.
func LooksLikePoints(prefix string) bool { return pointsForm.MatchString(prefix) }

// Overlap tells whether one of two prefixes is the beginning of the other, so that a code could be of both.
func Overlap(a, b string) bool {
	return a != "" && b != "" && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

// Faults names everything that is wrong with a campaign by itself; none for one that can be kept.
func (c Campaign) Faults() []decisions.Fault {
	faults := c.Policy.Faults()
	for i := range faults {
		faults[i].Field = "protection." + faults[i].Field
	}
	add := func(wrong bool, field, rule string) {
		if wrong {
			faults = append(faults, decisions.Fault{Field: field, Rule: rule})
		}
	}
	faults = append(faults, c.Offer.Faults()...)
	add(c.BuiltIn() && !c.Offer.Found(), "offer.codes", decisions.RuleUnknown)
	add(!c.Offer.Found() && c.Prefix == "", "prefix", decisions.RuleNeeded)
	add(!ValidKey(c.Key), "key", decisions.RuleForm)
	add(c.Prefix != "" && !prefixForm.MatchString(c.Prefix), "prefix", decisions.RuleForm)
	add(LooksLikePoints(c.Prefix), "prefix", RulePoints)
	add(len(c.Names) == 0, "names", decisions.RuleNeeded)
	add(!slices.Contains(Statuses(), c.Status), "status", decisions.RuleUnknown)
	seen := []string{}
	for _, n := range c.Names {
		add(n.Language != "ja" && n.Language != "en", "names.language", decisions.RuleUnknown)
		add(slices.Contains(seen, n.Language), "names", decisions.RuleTwice)
		seen = append(seen, n.Language)
		add(strings.TrimSpace(n.Text) == "", "names.text", decisions.RuleNeeded)
		add(utf8.RuneCountInString(n.Text) > MaxName, "names.text", decisions.RuleTooLong)
		add(!utf8.ValidString(n.Text) || strings.ContainsFunc(n.Text, unicode.IsControl), "names.text",
			decisions.RuleForm)
	}
	return faults
}

// RulePoints is broken by a prefix that looks like a points code.
const RulePoints = "points_code"
