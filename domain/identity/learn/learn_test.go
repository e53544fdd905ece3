package learn

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/test/expect"
)

// fake is everything around the package; it writes down what it is asked.
type fake struct {
	asked     []string
	campaigns []campaigns.Campaign
	decision  decisions.Decision
	// during runs within a hold: what others do meanwhile. fails is what it answers.
	during func()
	fails  error
	shown  identity.Order
	shows  error
	seen   []decisions.SeenOrder
}

func (f *fake) note(what string) { f.asked = append(f.asked, what) }

func (f *fake) List(context.Context) ([]campaigns.Campaign, error) {
	f.note("list")
	return slices.Clone(f.campaigns), nil
}
func (f *fake) ByID(context.Context, string) (decisions.Decision, error) { return f.decision, nil }
func (f *fake) AddTag(_ context.Context, gid, tag string) error {
	f.note("tag " + gid + " " + tag)
	return f.fails
}
func (f *fake) AssessRisk(context.Context, string, identity.RiskLevel, []identity.RiskFact) error {
	f.note("risk")
	return f.fails
}
func (f *fake) HoldFulfilment(context.Context, string, string, string) error {
	f.note("hold")
	if f.during != nil {
		f.during()
	}
	return f.fails
}
func (f *fake) ReleaseFulfilment(context.Context, string, string) error {
	f.note("release")
	return nil
}
func (f *fake) AskOnce(_ context.Context, s Sighting, job domain.Job) error {
	f.note("ask " + string(job.Kind) + " " + s.Codes[0])
	return nil
}
func (f *fake) UserOf(context.Context, string) (string, error) {
	return "gid://shopify/Customer/1", nil
}
func (f *fake) CodesUsedBy(context.Context, string) ([]string, error) {
	return []string{"SUMMER-RENAMED"}, nil
}
func (f *fake) OrderShown(context.Context, string) (identity.Order, error) {
	f.note("shown")
	return f.shown, f.shows
}
func (f *fake) OrderSold(context.Context, string) (identity.Order, error) {
	f.note("sold")
	return f.shown, f.shows
}
func (f *fake) SeeUse(_ context.Context, o decisions.SeenOrder) (decisions.Decision, error) {
	f.seen = append(f.seen, o)
	return decisions.Decision{}, nil
}

var moment = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

func summer(mode decisions.Mode) campaigns.Campaign {
	p := decisions.NewPolicy(decisions.Medium)
	p.Mode = mode
	return campaigns.Campaign{Key: "summer", Prefix: "SUMMER-", Policy: p}
}

// refused is a decision about an order that is acted on.
func refused() decisions.Decision {
	return decisions.Decision{PublicID: "dec_1", Request: decisions.Request{Stage: decisions.StageOrder, OrderID: "o"},
		Answer: decisions.Answer{Outcome: decisions.Refuse, Reason: decisions.ReasonAlreadyUsed, Enforced: true}}
}

func (f *fake) acts() Acts {
	return Acts{Decisions: f, Uses: f, Admin: f, OrderTag: "look", CustomerTag: "seen", Risk: true, Hold: true,
		Facts:  func(decisions.Decision) []identity.RiskFact { return nil },
		Logger: slog.New(slog.DiscardHandler)}
}

// TestAVerdictWhileAnOrderIsBeingHeldReleasesIt: the release of the verdict may run before there is anything to
// release, and a hold may be tried again after a process has died; neither leaves an order held for ever.
// covers: 003-18
func TestAVerdictWhileAnOrderIsBeingHeldReleasesIt(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(f *fake)
		want   []string
	}{
		"nobody has decided":           {func(*fake) {}, []string{"hold"}},
		"the verdict comes meanwhile":  {func(f *fake) { f.during = func() { f.decision.Verdict.Is = decisions.NotAbuse } }, []string{"hold", "release"}},
		"the verdict came before":      {func(f *fake) { f.decision.Verdict.Is = decisions.Abuse }, []string{"release"}},
		"the person is forgotten":      {func(f *fake) { f.decision.Erased = true }, []string{"release"}},
		"an order that cannot be held": {func(f *fake) { f.fails = &domain.UpstreamError{Kind: domain.KindRefused} }, []string{"hold"}},
		"a shop that allows no holds": {func(f *fake) {
			f.fails = &domain.UpstreamError{Kind: domain.KindAuth, Reason: domain.ReasonAccessDenied}
		}, []string{"hold"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{decision: refused()}
			tc.change(f)
			if err := f.acts().FollowDecision(t.Context(), domain.JobDecisionHold, "dec_1"); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(f.asked, tc.want) {
				t.Errorf("the shop was asked %v, want %v", f.asked, tc.want)
			}
		})
	}
}

// TestWhatMayGoBetterLaterIsAskedAgain: only what is refused for good is left.
func TestWhatMayGoBetterLaterIsAskedAgain(t *testing.T) {
	t.Parallel()
	for _, kind := range []domain.Kind{domain.KindUnknown, domain.KindUnavailable, domain.KindThrottled, domain.KindAuth} {
		for _, job := range []domain.JobKind{domain.JobDecisionHold, domain.JobDecisionOrderTag,
			domain.JobDecisionCustomerTag, domain.JobDecisionRisk} {
			f := &fake{decision: refused(), fails: &domain.UpstreamError{Kind: kind}}
			if err := f.acts().FollowDecision(t.Context(), job, "dec_1"); err == nil {
				t.Errorf("%s: %s is left", job, kind)
			}
		}
	}
}

// TestWhatFollowsIsOffUnlessItIsSet: nothing follows without settings, from a plain allow, before an order, or in a
// campaign that only watches.
// covers: 003-14, 003-15
func TestWhatFollowsIsOffUnlessItIsSet(t *testing.T) {
	t.Parallel()
	f := &fake{}
	all := f.acts().Follow(refused())
	if len(all) != 4 {
		t.Errorf("%d jobs", len(all))
	}
	shadow, allowed, early := refused(), refused(), refused()
	shadow.Answer.Enforced, allowed.Answer.Outcome, early.Request.Stage = false, decisions.Allow, decisions.StageIssue
	for name, d := range map[string]decisions.Decision{"shadow": shadow, "allow": allowed, "issue": early} {
		if got := append(f.acts().Follow(d), f.acts().Judged(d, decisions.Abuse)...); len(got) != 0 {
			t.Errorf("%s: %d jobs", name, len(got))
		}
	}
	if got := (Acts{}).Follow(refused()); len(got) != 0 {
		t.Errorf("nothing is set: %d jobs", len(got))
	}
}

// TestCampaignsAreListedOnceInAWhile: a hundred orders and conversions ask once; a change counts at once. Orders of a
// draft are none of anybody's.
// covers: 003-11
func TestCampaignsAreListedOnceInAWhile(t *testing.T) {
	t.Parallel()
	now := moment
	f := &fake{campaigns: []campaigns.Campaign{summer(decisions.Off)}}
	f.campaigns[0].Status = campaigns.Draft
	s := &Switch{Campaigns: f, Now: func() time.Time { return now }}
	o := &Orders{Switch: s, Uses: f, Now: s.Now}
	heard := func() (lists, asks int) {
		t.Helper()
		f.asked = nil
		for range 100 {
			if err := o.Notice(t.Context(), Sighting{ID: "o", Codes: []string{"summer-1"}, PlacedAt: now}); err != nil {
				t.Fatal(err)
			}
		}
		for _, asked := range f.asked {
			switch asked {
			case "list":
				lists++
			case "ask identity_use SUMMER-1":
				asks++
			}
		}
		return lists, asks
	}
	wants := func(when string, lists, asks int) {
		t.Helper()
		gotLists, gotAsks := heard()
		expect.Equal(t, when+": lists", gotLists, lists)
		expect.Equal(t, when+": orders asked about", gotAsks, asks)
	}
	wants("a draft", 1, 0)
	f.campaigns[0].Status = campaigns.Live
	wants("made live on another machine", 0, 0)
	s.Forget()
	wants("made live here", 1, 100)
	now = now.Add(believedFor)
	wants("later", 1, 100)
}

// TestACampaignThatBeganElsewhereIsAskedAbout from its first code on, whatever this machine knew a moment ago.
// covers: 003-11
func TestACampaignThatBeganElsewhereIsAskedAbout(t *testing.T) {
	t.Parallel()
	f := &fake{campaigns: []campaigns.Campaign{summer(decisions.Enforce)}}
	f.campaigns[0].Status = campaigns.Draft
	s := &Switch{Campaigns: f, Now: func() time.Time { return moment }}
	watched, err := s.Watched(t.Context(), []string{"summer-1"})
	expect.MustThat(t, "nobody watches a draft", err == nil && len(watched) == 0, err)
	f.campaigns[0].Status = campaigns.Live
	on, err := s.On(t.Context(), "summer")
	expect.That(t, "it is protected", err == nil && on, err)
}

// TestOfCampaignsThatAreOffTheMoneyAloneIsAskedFor: nothing of persons is read as long as nobody is to be recognised.
func TestOfCampaignsThatAreOffTheMoneyAloneIsAskedFor(t *testing.T) {
	t.Parallel()
	for mode, want := range map[decisions.Mode]string{decisions.Off: "sold", decisions.Shadow: "shown",
		decisions.Enforce: "shown"} {
		f := &fake{campaigns: []campaigns.Campaign{summer(mode)}, shown: identity.Order{ID: "o", Codes: []string{"SUMMER-1"}}}
		o := &Orders{Switch: &Switch{Campaigns: f, Now: func() time.Time { return moment }}, Uses: f, Holders: f, Shop: f,
			Decider: f}
		if err := o.LearnOrder(t.Context(), "o", moment); err != nil {
			t.Fatal(err)
		}
		expect.That(t, string(mode)+" asks for the order "+want, slices.Contains(f.asked, want), f.asked)
	}
}

// TestAnOrderIsLearnedOnceForEachCode: also by the coupon whose code has another text by now; test orders, and orders
// that the shop does not show, teach nothing and are no fault.
// covers: 003-08
func TestAnOrderIsLearnedOnceForEachCode(t *testing.T) {
	t.Parallel()
	denied := &domain.UpstreamError{Kind: domain.KindAuth, Reason: domain.ReasonAccessDenied}
	for name, tc := range map[string]struct {
		change func(f *fake)
		uses   int
		fails  bool
	}{
		"an order":                    {func(*fake) {}, 2, false},
		"a test order":                {func(f *fake) { f.shown.Test = true }, 0, false},
		"an order that is gone":       {func(f *fake) { f.shows = &domain.UpstreamError{Kind: domain.KindNotFound} }, 0, false},
		"an app that may see none":    {func(f *fake) { f.shows = denied }, 0, false},
		"a shop that does not answer": {func(f *fake) { f.shows = &domain.UpstreamError{Kind: domain.KindUnavailable} }, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{campaigns: []campaigns.Campaign{summer(decisions.Enforce)}, shown: identity.Order{ID: "o",
				Codes: []string{"summer-1", "SUMMER-1", "OTHER"}, Void: true, VoidReason: "cancelled", OrdersBefore: new(int)}}
			tc.change(f)
			now := func() time.Time { return moment }
			o := &Orders{Switch: &Switch{Campaigns: f, Now: now}, Uses: f, Holders: f, Shop: f, Decider: f, Now: now,
				Logger: slog.New(slog.DiscardHandler)}
			err := o.LearnOrder(t.Context(), "o", moment)
			if (err != nil) != tc.fails || len(f.seen) != tc.uses {
				t.Fatalf("%d uses, %v", len(f.seen), err)
			}
			var up *domain.UpstreamError
			expect.That(t, "!tc.fails || errors.As(err, &up)", !tc.fails || errors.As(err, &up), err)
			if tc.uses == 2 && (f.seen[0].Use.VoidReason != "cancelled" || *f.seen[0].OrdersBefore != 0 ||
				!f.seen[0].Use.SeenAt.Equal(moment) || f.seen[1].Use.Code != "SUMMER-RENAMED") {
				t.Errorf("learned of %s and %s", f.seen[0].Use.Code, f.seen[1].Use.Code)
			}
		})
	}
}

// TestAnOrderIsLearnedWithWhatTheRulesReadOfIt: the currency is the buyer's, and the money the shop's.
// covers: 003-22
func TestAnOrderIsLearnedWithWhatTheRulesReadOfIt(t *testing.T) {
	t.Parallel()
	two := 2
	seen := SeenOf(identity.Order{ID: "o", OrdersBefore: &two, BuyerCurrency: "USD",
		Gross: domain.Money{Minor: 1000, Currency: "JPY"}}, "SUMMER-1", moment, decisions.FromOrder)
	if seen.OrdersBefore == nil || *seen.OrdersBefore != 2 || seen.Currency != "USD" || seen.Use.Currency != "JPY" {
		t.Errorf("learned of %v earlier orders, in %s for money in %s", seen.OrdersBefore, seen.Currency,
			seen.Use.Currency)
	}
}
