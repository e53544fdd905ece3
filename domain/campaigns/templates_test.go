package campaigns_test

import (
	"testing"
	"time"

	. "pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/test/expect"
)

// TestTemplatesAreWholeAndBounded: taken as they are they have no fault, and no code of theirs is good for ever, for any
// number of orders, or for one person as often as they like.
// covers: 002-37, 002-26, 002-31
func TestTemplatesAreWholeAndBounded(t *testing.T) {
	t.Parallel()
	starts := time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC)
	list := Templates(starts)
	expect.MustEqual(t, "len(list)", len(list), 4)
	for i, made := range list {
		expect.Equal(t, "made.Key", made.Key, TemplateKeys()[i])
		c := Campaign{Key: "new", Names: []Name{{"en", "New"}}, Prefix: "NEW-", Status: Draft, Offer: made.Offer,
			Policy: made.Policy}
		expect.Equal(t, "len(c.Faults())", len(c.Faults()), 0, made.Key, c.Faults())
		o, p := made.Offer, made.Policy
		expect.That(t, "it ends", o.EndsAt.After(starts) && o.EndsAt.Sub(starts) <= MaxRuns, made.Key)
		expect.Equal(t, "o.StartsAt", o.StartsAt, starts, made.Key)
		expect.That(t, "its codes are for a number of orders",
			p.UsesInAll > 0 && p.UsesPerCode > 0 && p.UsesPerPerson == 1, made.Key)
		expect.That(t, "it takes a part of the order alone", o.Value.Kind == Percentage && o.Value.Range.Max < BasisPoints,
			made.Key)
		expect.Equal(t, "o.Combines", o.Combines, Combines{}, made.Key)
		expect.Equal(t, "p.Mode", p.Mode, decisions.Shadow, made.Key)
		expect.Equal(t, "p.Unanswered", p.Unanswered, decisions.UnansweredRefuse, made.Key)
		if o.Codes == Personal {
			expect.That(t, "a personal code is good once, and ends", p.UsesPerCode == 1 && o.LivePerPerson == 1 &&
				o.Validity.Max > 0 && o.Validity.Max <= MaxValidity, made.Key)
		}
	}
	if _, ok := TemplateOf("forever", starts); ok {
		t.Error("there is a template that there is not")
	}
}

// TestATemplateIsOnesOwn: changing one that was taken changes nothing for the next.
func TestATemplateIsOnesOwn(t *testing.T) {
	t.Parallel()
	one, _ := TemplateOf(VIP, time.Unix(0, 0))
	one.Policy.Conditions[0].Values = []string{"changed"}
	one.Policy.Conditions[1].Values[0] = "changed"
	two, _ := TemplateOf(VIP, time.Unix(0, 0))
	expect.Equal(t, "len(two.Policy.Conditions[0].Values)", len(two.Policy.Conditions[0].Values), 0)
	expect.Equal(t, "two.Policy.Conditions[1].Values[0]", two.Policy.Conditions[1].Values[0], "VIP")
}
