package app

import (
	"math"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/doctor"
	"pointbridge/integrations/upstream"
)

// A light is grey until somebody was asked, and says when that was; an answer that is missing is no good one.
func TestLights(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	circuit := upstream.NewBreaker(2, time.Minute, func() time.Time { return now })
	if l := lightOf(doctor.POS, circuit); l.Outcome != doctor.NotAsked || !l.Asked.IsZero() {
		t.Errorf("nobody was asked, and it is %s since %s", l.Outcome, l.Asked)
	}
	memory := upstream.NewBreaker(math.MaxInt, time.Minute, func() time.Time { return now })
	mail := heardOfMail(memory)
	if l := lightOf(doctor.Mail, memory); l.Outcome != doctor.NotAsked {
		t.Errorf("no mail was sent, and it is %s", l.Outcome)
	}
	for kind, want := range map[domain.Kind]doctor.Outcome{domain.KindAuth: doctor.Unknown,
		domain.KindUnknown: doctor.Unknown, domain.KindUnavailable: doctor.Unknown, domain.KindRefused: doctor.OK} {
		for range 9 { // no mail is held back, however many failed
			mail(&domain.UpstreamError{Kind: kind})
		}
		if l := lightOf(doctor.Mail, memory); l.Outcome != want || !l.Asked.Equal(now) {
			t.Errorf("after mails that ended as %v it is %s, want %s", kind, l.Outcome, want)
		}
	}
	mail(nil)
	if l := lightOf(doctor.Mail, memory); l.Outcome != doctor.OK {
		t.Errorf("a mail went, and it is %s", l.Outcome)
	}
	away := &domain.UpstreamError{Kind: domain.KindUnavailable}
	for _, step := range []struct {
		answer error
		want   doctor.Outcome
	}{
		{nil, doctor.OK},
		{&domain.UpstreamError{Kind: domain.KindRefused}, doctor.OK}, // an answer
		{away, doctor.Unknown},
		{away, doctor.Fault}, // calls are held back
		{nil, doctor.OK},
	} {
		now = now.Add(2 * time.Minute)
		circuit.Allow()
		circuit.Report(step.answer)
		if l := lightOf(doctor.POS, circuit); l.Outcome != step.want || !l.Asked.Equal(now) {
			t.Errorf("after %v it is %s since %s, want %s since %s", step.answer, l.Outcome, l.Asked, step.want, now)
		}
	}
}
