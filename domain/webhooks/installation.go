package webhooks

import (
	"time"

	"pointbridge/domain"
)

// InstallState is what is known about the app in the shop. The strings are stored.
type InstallState string

// The states. What leads from one to the next is Installation.Next alone:
//
//	                     installed   reported              confirmed
//	told it is gone      reported    reported              confirmed
//	accepted             installed   installed             installed
//	app refused          installed   confirmed, from now   confirmed, and watched for longer
//	any other answer     installed   reported              confirmed, but not watched for longer
//	any call was done    installed   installed             installed
//
// Told and asked come together: who is told asks at once, and the answer counts after it.
const (
	// Installed: nothing speaks against it.
	Installed InstallState = "installed"
	// Reported: a signed delivery says that the app is gone. It may be late, and the app back again.
	Reported InstallState = "reported"
	// Confirmed: who hands out tokens says that it does not know the app.
	Confirmed InstallState = "confirmed"
)

// Answer is what the shop says when it is asked about the app.
type Answer int

// The answers. Everything that is neither of the other two is Unclear: no answer, a frozen or locked shop, a wrong
// secret.
const (
	Unclear Answer = iota
	Accepted
	AppRefused
)

// provedAfter is how long a confirmed uninstallation has to have been watched before anything follows that cannot be
// undone.
const provedAfter = 48 * time.Hour

// Installation is what is known about the app in the shop, and since when.
type Installation struct {
	State InstallState
	// ReportedAt and ConfirmedAt are when it came into the states; zero while it has not.
	ReportedAt, ConfirmedAt time.Time
	// AskedAt is when it was asked about last while it was confirmed, and Refused for how long it has been watched
	// since then.
	AskedAt time.Time
	Refused time.Duration
	// Version moves with every change.
	Version int64
}

// Next is what is known after an answer, or after being told and an answer.
func (i Installation) Next(told bool, answer Answer, now time.Time) Installation {
	if answer == Accepted {
		return Installation{State: Installed, Version: i.Version}
	}
	if i.State == Installed {
		if !told {
			return i
		}
		i.State, i.ReportedAt = Reported, now
	}
	switch {
	case i.State == Reported && answer == AppRefused:
		i.State, i.ConfirmedAt, i.AskedAt, i.Refused = Confirmed, now, now, 0
	case i.State == Confirmed && answer == AppRefused:
		i.Refused += domain.Watched(i.AskedAt, now)
		i.AskedAt = now
	case i.State == Confirmed:
		i.AskedAt = now
	}
	return i
}

// Heard is what is known after a call that the shop did at a moment. One from before the app was said to be gone is no
// news.
func (i Installation) Heard(at time.Time) Installation {
	if i.State == Installed || !at.After(i.ReportedAt) {
		return i
	}
	return Installation{State: Installed, Version: i.Version}
}

// Proved reports whether the app has been gone for so long, and without a doubt, that what cannot be undone may follow.
func (i Installation) Proved() bool { return i.State == Confirmed && i.Refused >= provedAfter }
