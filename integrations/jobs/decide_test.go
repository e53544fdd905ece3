package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"pointbridge/domain"
	"pointbridge/domain/beside"
)

var background = []domain.JobKind{domain.JobMail, domain.JobProject, domain.JobRemoveDiscount, domain.JobOrder,
	domain.JobTag}

func upstream(kind domain.Kind, after time.Duration) error {
	return fmt.Errorf("step: %w", &domain.UpstreamError{Kind: kind, Upstream: "shopify", Act: "create", Reason: "why",
		RetryAfter: after, Err: errors.New("to taro@example.com")})
}

func TestDecide_EveryKind(t *testing.T) {
	t.Parallel()
	cases := []struct {
		kind       domain.Kind
		advance    string
		background string
	}{
		{domain.KindRefused, outcomeRetry, outcomeCancel},
		{domain.KindNotFound, outcomeRetry, outcomeCancel},
		{domain.KindAuth, outcomeRetry, outcomeRetry},
		{domain.KindThrottled, outcomeSnooze, outcomeSnooze},
		{domain.KindUnavailable, outcomeRetry, outcomeRetry},
		{domain.KindUnknown, outcomeRetry, outcomeRetry},
	}
	for _, tc := range cases {
		t.Run(string(tc.kind), func(t *testing.T) {
			t.Parallel()
			if got := decide(t.Context(), domain.JobAdvance, upstream(tc.kind, 0)); got.outcome != tc.advance {
				t.Errorf("advance: %s, want %s", got.outcome, tc.advance)
			}
			for _, job := range background {
				if got := decide(t.Context(), job, upstream(tc.kind, 0)); got.outcome != tc.background {
					t.Errorf("%s: %s, want %s", job, got.outcome, tc.background)
				}
			}
			if got := decide(t.Context(), kindSweep, upstream(tc.kind, 0)); got.outcome != outcomeSkip {
				t.Errorf("sweep: %s, want %s", got.outcome, outcomeSkip)
			}
		})
	}
}

// TestABareStatusDropsNoJob: what a proxy, a frozen store or a protection answers says nothing about the work.
func TestABareStatusDropsNoJob(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"http_400", "http_413", "http_422"} {
		for _, job := range append(background, domain.JobWebhook) {
			err := &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Act: "read_customer",
				Reason: reason}
			if got := decide(t.Context(), job, err); got.outcome != outcomeRetry {
				t.Errorf("%s after %s: %s", job, reason, got.outcome)
			}
		}
	}
}

func TestDecide_Waits(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		err  error
		want time.Duration
	}{
		{"there is more to do", fmt.Errorf("a slice: %w", &domain.Later{After: 3 * time.Second}), 3 * time.Second},
		{"somebody else moved the row", fmt.Errorf("commit: %w", domain.ErrConflict), time.Second},
		{"a conflict beside another fault", errors.Join(upstream(domain.KindUnknown, 0), domain.ErrConflict),
			time.Second},
		{"throttled without a time", upstream(domain.KindThrottled, 0), 5 * time.Second},
		{"throttled with a time", upstream(domain.KindThrottled, 42*time.Second), 42 * time.Second},
		{"unavailable with a time", upstream(domain.KindUnavailable, 3*time.Second), 3 * time.Second},
		{"unknown with a time", upstream(domain.KindUnknown, 17*time.Second), 17 * time.Second},
		{"a time that is too short", upstream(domain.KindThrottled, time.Millisecond), time.Second},
		{"a time that is too long", upstream(domain.KindThrottled, 48*time.Hour), time.Hour},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, job := range append(background, domain.JobAdvance) {
				d := decide(t.Context(), job, tc.err)
				if d.outcome != outcomeSnooze || d.wait != tc.want {
					t.Errorf("%s: %s for %s, want snooze for %s", job, d.outcome, d.wait, tc.want)
				}
			}
		})
	}
}

func TestDecide_DomainErrors(t *testing.T) {
	t.Parallel()
	cases := []struct {
		job  domain.JobKind
		err  error
		want string
	}{
		{domain.JobAdvance, nil, outcomeDone},
		{domain.JobAdvance, domain.Refuse(domain.CodeCouponNotFound), outcomeCancel},
		{domain.JobMail, domain.Refuse(domain.CodeCouponNotFound), outcomeCancel},
		{domain.JobTag, domain.Refuse(domain.CodeCustomerNotFound), outcomeCancel},
		{domain.JobAdvance, domain.Refuse(domain.CodeCustomerNotFound), outcomeRetry},
		{domain.JobMail, domain.Refuse(domain.CodeInternal), outcomeRetry},
		{domain.JobMail, errors.New("disk full"), outcomeRetry},
		{domain.JobAdvance, context.DeadlineExceeded, outcomeRetry},
	}
	for _, tc := range cases {
		if got := decide(t.Context(), tc.job, tc.err); got.outcome != tc.want {
			t.Errorf("%s after %v: %s, want %s", tc.job, tc.err, got.outcome, tc.want)
		}
	}
	stopping, cancel := context.WithCancel(t.Context())
	cancel()
	if got := decide(stopping, domain.JobAdvance, upstream(domain.KindUnknown, 0)); got.outcome != outcomeInterrupted {
		t.Errorf("while stopping: %s, want %s", got.outcome, outcomeInterrupted)
	}
}

func TestSafeText(t *testing.T) {
	t.Parallel()
	secret := errors.New("taro@example.com 70934-AB72CD-500")
	cases := []struct {
		err  error
		want string
	}{
		{upstream(domain.KindRefused, 0), "shopify create: refused (why)"},
		{&domain.Error{Code: domain.CodeInternal, Params: map[string]any{"mail": "taro@example.com"}, Err: secret},
			"internal_error"},
		{fmt.Errorf("load %w", secret), "unclassified *errors.errorString"},
		{errors.Join(fmt.Errorf("%w and more", secret), secret), "unclassified *errors.errorString"},
		{fmt.Errorf("taro@example.com: %w", context.DeadlineExceeded), "took too long"},
		{beside.Guard(func() error { panic("taro@example.com") }), "panic with a string"},
		{beside.Guard(func() error { panic(secret) }), "panic with a *errors.errorString"},
		{beside.Guard(func() error { _ = []int{}[len("taro")]; return nil }),
			"panic: runtime error: index out of range [4] with length 0"},
	}
	for _, tc := range cases {
		got := safeText(tc.err)
		if got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
		if strings.Contains(got, "taro@") || strings.Contains(got, "AB72CD") {
			t.Errorf("%q gives away what a person typed", got)
		}
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	half := func() float64 { return 0.5 }
	var snooze *river.JobSnoozeError
	if err := (decision{outcome: outcomeSnooze, wait: 10 * time.Second}).verdict(half); !errors.As(err, &snooze) ||
		snooze.Duration != 11*time.Second {
		t.Errorf("snooze: %v", err)
	}
	if err := (decision{outcome: outcomeInterrupted, wait: time.Second}).verdict(half); !errors.As(err, &snooze) ||
		snooze.Duration != 1100*time.Millisecond {
		t.Errorf("interrupted: %v", err)
	}
	var cancel *river.JobCancelError
	if err := (decision{outcome: outcomeCancel, text: "no"}).verdict(half); !errors.As(err, &cancel) {
		t.Errorf("cancel: %v", err)
	}
	if err := (decision{outcome: outcomeRetry, text: "no"}).verdict(half); err == nil || err.Error() != "no" {
		t.Errorf("retry: %v", err)
	}
	for _, outcome := range []string{outcomeDone, outcomeSkip} {
		if err := (decision{outcome: outcome}).verdict(half); err != nil {
			t.Errorf("%s: %v", outcome, err)
		}
	}
}
