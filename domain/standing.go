package domain

import "time"

// Standing is how the app stands in the shop, as far as it can be proved.
type Standing string

// The standings.
const (
	// StandingInstalled: the shop accepts the app.
	StandingInstalled Standing = "installed"
	// StandingUnproved: whether the app is gone is not known for sure, or not for long enough. Nothing may follow from
	// it.
	StandingUnproved Standing = "unproved"
	// StandingGone: the app has been gone for so long, and without a doubt, that what cannot be undone may follow.
	StandingGone Standing = "gone"
)

// longestGap is how much of the time between two looks counts at most.
const longestGap = time.Hour

// Watched is how much of the time between two looks counts as watched. A clock that is set forward, and a service that
// was stopped for days, have watched nothing meanwhile.
func Watched(from, to time.Time) time.Duration { return min(max(to.Sub(from), 0), longestGap) }
