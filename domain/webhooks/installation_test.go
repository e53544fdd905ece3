package webhooks_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
	"pointbridge/test/expect"
)

var (
	errRefused = &domain.UpstreamError{Kind: domain.KindAuth, Upstream: "shopify", Act: "read_shop",
		Reason: domain.ReasonAppRefused}
	monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
)

func TestTheStatesOfAnInstallation(t *testing.T) {
	t.Parallel()
	later := monday.Add(time.Minute)
	installed := webhooks.Installation{State: webhooks.Installed}
	reported := webhooks.Installation{State: webhooks.Reported, ReportedAt: monday}
	confirmed := webhooks.Installation{State: webhooks.Confirmed, ReportedAt: monday, ConfirmedAt: monday,
		AskedAt: monday, Refused: time.Hour}
	moved := func(i webhooks.Installation, change func(*webhooks.Installation)) webhooks.Installation {
		change(&i)
		return i
	}
	reportedNow := webhooks.Installation{State: webhooks.Reported, ReportedAt: later}
	confirmedNow := func(reportedAt time.Time) webhooks.Installation {
		return webhooks.Installation{State: webhooks.Confirmed, ReportedAt: reportedAt, ConfirmedAt: later,
			AskedAt: later}
	}
	for name, tc := range map[string]struct {
		is     webhooks.Installation
		told   bool
		answer webhooks.Answer
		want   webhooks.Installation
	}{
		"nobody says anything against it":         {installed, false, webhooks.Unclear, installed},
		"a refusal that nobody was told of":       {installed, false, webhooks.AppRefused, installed},
		"told late, and the app is there":         {installed, true, webhooks.Accepted, installed},
		"told, and the shop says nothing clear":   {installed, true, webhooks.Unclear, reportedNow},
		"told, and the shop says so too":          {installed, true, webhooks.AppRefused, confirmedNow(later)},
		"reported, and nothing clear":             {reported, false, webhooks.Unclear, reported},
		"reported, told again, and nothing clear": {reported, true, webhooks.Unclear, reported},
		"reported, and the shop says so": {reported, false, webhooks.AppRefused,
			confirmedNow(monday)},
		"reported, and the app is back": {reported, false, webhooks.Accepted, installed},
		"confirmed, and the shop says so still": {confirmed, false, webhooks.AppRefused,
			moved(confirmed, func(i *webhooks.Installation) { i.AskedAt, i.Refused = later, time.Hour+time.Minute })},
		"confirmed, and nothing clear: nothing was seen": {confirmed, false, webhooks.Unclear,
			moved(confirmed, func(i *webhooks.Installation) { i.AskedAt = later })},
		"confirmed, told again: it does not begin anew": {confirmed, true, webhooks.AppRefused,
			moved(confirmed, func(i *webhooks.Installation) { i.AskedAt, i.Refused = later, time.Hour+time.Minute })},
		"confirmed, and the app is back: all is forgotten": {confirmed, false, webhooks.Accepted, installed},
	} {
		if got := tc.is.Next(tc.told, tc.answer, later); got != tc.want {
			t.Errorf("%s (-want +got):\n%s", name, cmp.Diff(tc.want, got))
		}
	}
	for name, tc := range map[string]struct {
		is   webhooks.Installation
		at   time.Time
		want webhooks.InstallState
	}{
		"a call while it is installed":            {installed, later, webhooks.Installed},
		"a call after the report":                 {reported, later, webhooks.Installed},
		"a call from before the report":           {reported, monday, webhooks.Reported},
		"a call after it was confirmed":           {confirmed, later, webhooks.Installed},
		"a call from before it was said to be so": {confirmed, monday.Add(-time.Second), webhooks.Confirmed},
	} {
		if got := tc.is.Heard(tc.at); got.State != tc.want {
			t.Errorf("%s: %s, want %s", name, got.State, tc.want)
		}
	}
}

// oddAnswers are what the shop can say to the question whether the app is there that says nothing about the app.
var oddAnswers = map[string]error{
	"no answer":          errAway,
	"an internal error":  &domain.UpstreamError{Kind: domain.KindUnknown, Reason: "http_500"},
	"too many calls":     &domain.UpstreamError{Kind: domain.KindThrottled, Reason: "http_429"},
	"frozen store":       &domain.UpstreamError{Kind: domain.KindAuth, Reason: "http_402"},
	"forbidden":          &domain.UpstreamError{Kind: domain.KindAuth, Reason: "http_403"},
	"no such store":      &domain.UpstreamError{Kind: domain.KindAuth, Reason: "http_404"},
	"locked store":       &domain.UpstreamError{Kind: domain.KindAuth, Reason: "http_423"},
	"security rejection": &domain.UpstreamError{Kind: domain.KindAuth, Reason: "http_430"},
	"wrong secret":       &domain.UpstreamError{Kind: domain.KindAuth, Reason: "token"},
	"a bad request":      &domain.UpstreamError{Kind: domain.KindRefused, Reason: "http_400"},
	"another shop":       &domain.UpstreamError{Kind: domain.KindNotFound},
}

// watch lets the round look once an hour for so many hours.
func (w *world) watch(t *testing.T, hours int) {
	t.Helper()
	for range hours {
		w.clock.Advance(time.Hour)
		if err := w.LookForInstallation(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) standing(t *testing.T) domain.Standing {
	t.Helper()
	got, err := w.Standing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestNoOddAnswerEverProvesAnUninstallation(t *testing.T) {
	t.Parallel()
	for name, answer := range oddAnswers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.ping = answer
			if err := w.receive(t, webhooks.Delivery{Topic: webhooks.AppUninstalled}); err != nil {
				t.Fatal(err)
			}
			w.watch(t, 100)
			expect.Equal(t, "w.standing(t)", w.standing(t), domain.StandingUnproved)
			expect.Equal(t, "w.installation.State", w.installation.State, webhooks.Reported)
			w.ping = nil
			if got := w.standing(t); got != domain.StandingInstalled || w.installation.State != webhooks.Installed {
				t.Errorf("the app is there: %s, %s", got, w.installation.State)
			}
		})
	}
}

func TestAnUninstallationIsProvedByWhoHandsOutTokensAndTwoDaysOfIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ping = errRefused
	if got := w.standing(t); got != domain.StandingUnproved || w.installation.State != webhooks.Installed {
		t.Errorf("a refusal alone, of which no delivery told: %s, %s", got, w.installation.State)
	}
	for _, id := range []string{"w-2", "w-3"} {
		if err := w.receive(t, webhooks.Delivery{WebhookID: id, Topic: webhooks.AppUninstalled}); err != nil {
			t.Fatal(err)
		}
	}
	w.watch(t, 47)
	if got := w.standing(t); got != domain.StandingUnproved || w.installation.State != webhooks.Confirmed {
		t.Errorf("after 47 hours: %s, %s", got, w.installation.State)
	}
	w.watch(t, 1)
	if got := w.standing(t); got != domain.StandingGone {
		t.Errorf("after 48 hours: %s", got)
	}
	w.ping = oddAnswers["frozen store"]
	if got := w.standing(t); got != domain.StandingUnproved {
		t.Errorf("proved, but the last question had no clear answer: %s", got)
	}
	if !slices.Equal(w.alerts, []string{"app_uninstalled"}) || len(w.audit) != 1 ||
		w.audit[0].Action != "shop.uninstalled" {
		t.Errorf("told %v, in the audit %+v", w.alerts, w.audit)
	}
}

func TestOneCallThatWasDoneForgetsAnUninstallation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ping = errRefused
	if err := w.receive(t, webhooks.Delivery{Topic: webhooks.AppUninstalled}); err != nil {
		t.Fatal(err)
	}
	w.watch(t, 60)
	if err := w.Heard(t.Context(), w.installation.ReportedAt.Add(-time.Second)); err != nil ||
		w.installation.State != webhooks.Confirmed {
		t.Errorf("a call from before it was told counts: %s, %v", w.installation.State, err)
	}
	expect.MustEqual(t, "w.Heard(t.Context(), w.clock.Now())", w.Heard(t.Context(), w.clock.Now()), nil)
	expect.Equal(t, "w.installation.State", w.installation.State, webhooks.Installed)
	w.watch(t, 60) // nobody tells of it again, so nobody asks
	expect.Equal(t, "w.standing(t)", w.standing(t), domain.StandingUnproved)
	expect.Equal(t, "w.installation.State", w.installation.State, webhooks.Installed)
	last := w.audit[len(w.audit)-1]
	if last.Action != "shop.installed_again" {
		t.Errorf("in the audit: %s", last.Action)
	}
}

func TestNeitherAClockSetForwardNorAStopOfDaysIsTwoDaysOfWatching(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ping = errRefused
	if err := w.receive(t, webhooks.Delivery{Topic: webhooks.AppUninstalled}); err != nil {
		t.Fatal(err)
	}
	for _, jump := range []time.Duration{365 * 24 * time.Hour, -365 * 24 * time.Hour, 72 * time.Hour} {
		w.clock.Advance(jump)
		if err := w.LookForInstallation(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := w.standing(t); got != domain.StandingUnproved {
			t.Errorf("after a jump of %s: %s", jump, got)
		}
	}
	if w.installation.Refused > 2*time.Hour {
		t.Errorf("watched for %s", w.installation.Refused)
	}
}

func TestALookThatAnotherReplicaOvertookChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ping = errRefused
	if err := w.receive(t, webhooks.Delivery{Topic: webhooks.AppUninstalled}); err != nil {
		t.Fatal(err)
	}
	stale := w.installation
	stale.Version--
	err := w.SetInstallation(t.Context(), stale, domain.AuditEntry{})
	expect.MustThat(t, "err != nil", err != nil)
	expect.Equal(t, "w.installation.State", w.installation.State, webhooks.Confirmed, err)
}
