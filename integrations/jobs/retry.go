package jobs

import (
	"time"

	"github.com/riverqueue/river/rivertype"

	"pointbridge/domain"
)

const (
	firstRetry   = time.Second
	longestRetry = 5 * time.Minute
)

// retryPolicy waits 1 s, 2 s, 4 s … and at most five minutes, each up to a fifth less so that jobs that failed together
// part ways.
type retryPolicy struct {
	clock  domain.Clock
	random func() float64
}

// NextRetry implements river.ClientRetryPolicy.
func (p retryPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	wait := backOff(job.Attempt)
	return p.clock.Now().Add(wait - spread(wait, p.random))
}

// backOff returns the wait after the attempt with this number; the first is 1.
func backOff(attempt int) time.Duration {
	wait := firstRetry
	for range attempt - 1 {
		if wait *= 2; wait >= longestRetry {
			return longestRetry
		}
	}
	return wait
}

// spread gives up to a fifth of a wait.
func spread(wait time.Duration, random func() float64) time.Duration {
	return time.Duration(random() * float64(wait) / 5)
}
