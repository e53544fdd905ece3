package campaigns_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"pointbridge/domain"
	. "pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/test/expect"
)

func summer() Campaign {
	return Campaign{Key: "summer", Prefix: "SUMMER-", Status: Draft, Policy: decisions.NewPolicy(decisions.Medium),
		Names: []Name{{"ja", "夏のセール"}, {"en", "Summer sale"}}}
}

// TestMovesOfACampaign: draft, live and paused to and fro, and an end that is one.
func TestMovesOfACampaign(t *testing.T) {
	t.Parallel()
	may := map[[2]Status]bool{{Draft, Live}: true, {Draft, Ended}: true, {Live, Paused}: true, {Live, Ended}: true,
		{Paused, Live}: true, {Paused, Ended}: true}
	for _, from := range append(Statuses(), "", "lost") {
		for _, to := range append(Statuses(), "", "lost") {
			if CanBecome(from, to) != may[[2]Status{from, to}] {
				t.Errorf("from %q to %q: %v", from, to, CanBecome(from, to))
			}
		}
	}
}

// TestFaultsOfACampaign: each is named, those of its policy too.
func TestFaultsOfACampaign(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*Campaign)
		want   []decisions.Fault
	}{
		{"nothing", func(*Campaign) {}, nil},
		{"no prefix", func(c *Campaign) { c.Prefix = "" }, nil},
		{"a short key", func(c *Campaign) { c.Key = "s" }, []decisions.Fault{{Field: "key", Rule: "form"}}},
		{"a key in capitals", func(c *Campaign) { c.Key = "Summer" }, []decisions.Fault{{Field: "key", Rule: "form"}}},
		{"a small prefix", func(c *Campaign) { c.Prefix = "summer" },
			[]decisions.Fault{{Field: "prefix", Rule: "form"}}},
		{"a member's prefix", func(c *Campaign) { c.Prefix = "12345-" },
			[]decisions.Fault{{Field: "prefix", Rule: RulePoints}}},
		{"no name", func(c *Campaign) { c.Names = nil }, []decisions.Fault{{Field: "names", Rule: "needed"}}},
		{"names", func(c *Campaign) { c.Names = []Name{{"fr", " "}, {"fr", "a\x00"}} }, []decisions.Fault{
			{Field: "names.language", Rule: "unknown"}, {Field: "names.text", Rule: "needed"},
			{Field: "names.language", Rule: "unknown"}, {Field: "names", Rule: "twice"},
			{Field: "names.text", Rule: "form"}}},
		{"a policy", func(c *Campaign) { c.Policy.Threshold, c.Policy.UsesPerPerson = 9, 99 }, []decisions.Fault{
			{Field: "protection.threshold", Rule: "range"}, {Field: "protection.uses_per_person", Rule: "range"}}},
	} {
		got := summer()
		c.change(&got)
		expect.Equal(t, "cmp.Diff(c.want, got.Faults())", cmp.Diff(c.want, got.Faults()), "", c.name)
	}
}

// TestPrefixesThatLookLikePoints: what points codes of members with numbers begin with, and what reaches into one.
func TestPrefixesThatLookLikePoints(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]bool{"12345": true, "1-": true, "A1-AB2CD3": true, "A1-AB2CD3-": true,
		"A1-AB2CD3-500": true, "INF-": false, "SUMMER": false, "INF-SARAH": false, "VIP": false, "2026SUMMER": false} {
		expect.Equal(t, "LooksLikePoints(prefix)", LooksLikePoints(prefix), want, prefix, !want)
	}
}

// TestNoCodeIsOfTwoCampaigns: where prefixes do not overlap, no code begins with both.
func TestNoCodeIsOfTwoCampaigns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.StringMatching(`[AB]{1,3}`)
		a, b, rest := prefix.Draw(t, "a"), prefix.Draw(t, "b"), rapid.StringMatching(`[AB]{0,4}`).Draw(t, "rest")
		starts := func(code, with string) bool { return len(code) >= len(with) && code[:len(with)] == with }
		if both := starts(a+rest, b); both && !Overlap(a, b) {
			t.Fatalf("%s%s is of %s and %s", a, rest, a, b)
		}
		if Overlap(a, b) != Overlap(b, a) || Overlap(a, "") || !Overlap(a, a) {
			t.Fatal("overlap is not even-handed")
		}
	})
}

// TestRefusedNamesAllFaults: the first where problems look for one, and all of them beside it.
func TestRefusedNamesAllFaults(t *testing.T) {
	t.Parallel()
	c := summer()
	c.Key, c.Prefix = "S", "s"
	err := decisions.Refused(c.Faults())
	var refusal *domain.Error
	expect.MustEqual(t, "domain.CodeOf(err)", domain.CodeOf(err), domain.CodeValidation, err)
	expect.MustThat(t, "errorsAs(err, &refusal)", errorsAs(err, &refusal), err)
	expect.MustEqual(t, `refusal.Params["field"]`, refusal.Params["field"], "key", err)
	if diff := cmp.Diff(c.Faults(), refusal.Params["faults"]); diff != "" {
		t.Error(diff)
	}
	if decisions.Refused(nil) != nil {
		t.Error("no fault is refused")
	}
}
