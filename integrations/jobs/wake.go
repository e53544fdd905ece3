package jobs

import (
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"pointbridge/domain"
)

// dueSlack is how long after its time a job is looked for: the times of SQLite have milliseconds.
const dueSlack = 2 * time.Millisecond

// Wake tells the queues of this process of jobs that were inserted by Enqueue, EnqueueOnce or Inline, once they are
// committed: they begin at once. Jobs that nobody tells of, because their process died or works on nothing itself,
// begin when a queue looks by itself.
func (c *Client) Wake(jobs []domain.Job) {
	for _, job := range jobs {
		if job.Kind == domain.JobProject {
			c.tellProjector()
			continue
		}
		if p, err := insertOf(job, false, time.Time{}); err == nil {
			c.wakeAt(p.InsertOpts.Queue, job.RunAt)
		}
	}
}

// tellProjector is for a process that works; in another one nobody listens.
func (c *Client) tellProjector() {
	if c.project != nil {
		c.project.tell()
	}
}

// wakeAt rings for a queue when a job is due. River's scheduler does for one that is due later than its next round.
func (c *Client) wakeAt(queue string, due time.Time) {
	switch wait := due.Sub(c.clock.Now()); {
	case wait <= 0:
		c.bell.ring(queue)
	case wait <= schedulerRound:
		time.AfterFunc(wait+dueSlack, func() { c.wakeAt(queue, due) })
	}
}

// wakeAgain rings for jobs that are to be tried again soon, until the client stops and closes the events.
func (c *Client) wakeAgain(events <-chan *river.Event) {
	for e := range events {
		if e.Job.State == rivertype.JobStateAvailable {
			c.wakeAt(e.Job.Queue, e.Job.ScheduledAt)
		}
	}
}
