package doctor_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/doctor"
)

func saying(s doctor.Sentence) func(context.Context) doctor.Finding {
	return func(context.Context) doctor.Finding { return doctor.Say(s) }
}

// Only a good answer is good: what hangs, what needs something that is not good and what lacks its settings is not.
func TestWhatCannotBeAskedIsNeverOK(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		hang := func(context.Context) doctor.Finding {
			<-release
			return doctor.Say(doctor.ShopAnswers)
		}
		list := []doctor.Check{
			{Name: doctor.Database, Limit: time.Second, Ask: saying(doctor.DatabaseAnswers)},
			{Name: doctor.Schema, Limit: time.Second, Needs: []doctor.Name{doctor.Database}, Ask: saying(doctor.SchemaOld)},
			{Name: doctor.Writes, Limit: time.Second, Needs: []doctor.Name{doctor.Schema}, Ask: saying(doctor.WritesGood)},
			{Name: doctor.Shop, Limit: time.Second, Ask: hang},
			{Name: doctor.Scopes, Limit: time.Second, Needs: []doctor.Name{doctor.Shop}, Ask: saying(doctor.ScopesGood)},
			{Name: doctor.POS, Limit: time.Second, Settings: []string{"POS_URL is not set"}, Ask: saying(doctor.POSAnswers)},
			{Name: doctor.POSClock, Limit: time.Second, Needs: []doctor.Name{doctor.Plan}, Ask: saying(doctor.ClockGood)},
			{Name: doctor.Mail, Limit: time.Second, Ask: saying("never heard of")},
		}
		told := 0
		r := doctor.Run(t.Context(), list, func(doctor.Line) { told++ })
		close(release)
		want := []doctor.Outcome{doctor.OK, doctor.Fault, doctor.NotAsked, doctor.Unknown, doctor.NotAsked, doctor.NotAsked,
			doctor.NotAsked, doctor.Unknown}
		for i, l := range r {
			if l.Outcome() != want[i] {
				t.Errorf("%s is %s (%s), want %s", l.Name, l.Outcome(), l.Sentence, want[i])
			}
		}
		if told != len(list) || r.Healthy() {
			t.Errorf("told %d of %d, healthy %v", told, len(list), r.Healthy())
		}
	})
}

func TestWhatAnErrorMeans(t *testing.T) {
	t.Parallel()
	for want, err := range map[doctor.Sentence]error{
		doctor.ShopRefuses: &domain.UpstreamError{Kind: domain.KindAuth},
		doctor.NoAnswer:    context.DeadlineExceeded,
		doctor.NotTold:     errors.New("something"),
	} {
		if f := doctor.Failed(err, doctor.ShopRefuses, time.Second); f.Sentence != want || f.Outcome() == doctor.OK {
			t.Errorf("%v: %s (%s), want %s", err, f.Sentence, f.Outcome(), want)
		}
	}
}

func TestHowFarAClockMayBeOff(t *testing.T) {
	t.Parallel()
	for off, want := range map[time.Duration]doctor.Outcome{0: doctor.OK, -5 * time.Second: doctor.OK,
		6 * time.Second: doctor.Warning, -30 * time.Second: doctor.Warning, 31 * time.Second: doctor.Fault,
		-time.Hour: doctor.Fault} {
		if f := doctor.Skewed(off); f.Outcome() != want {
			t.Errorf("%s off is %s, want %s", off, f.Outcome(), want)
		}
	}
}

// Warnings and what nobody asked stop nobody; a fault and a question without an answer do.
func TestWhatIsHealthy(t *testing.T) {
	t.Parallel()
	for s, want := range map[doctor.Sentence]bool{doctor.SchemaGood: true, doctor.MailPlain: true,
		doctor.MailUnsought: true, doctor.CurrencyOther: false, doctor.NoAnswer: false} {
		if r := (doctor.Report{{Name: doctor.Mail, Finding: doctor.Say(s)}}); r.Healthy() != want {
			t.Errorf("%s: healthy is %v", s, r.Healthy())
		}
	}
}
