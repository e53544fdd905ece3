// Package jobs is the queue: work that follows from a state is committed with it and done later, on any replica, until
// it succeeds. It is the only place that knows River (https://riverqueue.com), and it runs the same on PostgreSQL and
// on SQLite.
//
// Every job may run more than once: a process can die between doing the work and saying so. The flows that the jobs
// call are built for that. What a failure means for the queue is decided in one place, decide.go.
//
// "default" finishes coupons that customers wait for. "project" does what nobody waits for: orders, removals. "mail" is by
// itself, because a mail server may take a minute for each. "sweep" runs one round after the other of looking for
// forgotten work, so that none of the others can keep it from running; so do the rounds, each in a queue of its own.
//
// Times to know. A job is picked up within the poll interval. A wait of more than five seconds ends up to five seconds
// late, because River's leader moves such jobs in rounds. A job whose process was killed is taken up again after its
// limit and comingBack, at River's next look at such jobs, which it takes every thirty seconds, and the wait after a
// failed attempt: a coupon's that had not failed before starts within 35 + 30 + 1 + 5 seconds. Until then its row keeps
// a sweep from asking for the same work. A leader that was killed is replaced within about fifteen seconds; each start
// of a process asks for one sweep of its own, so the first one after a crash does not wait for that.
package jobs
