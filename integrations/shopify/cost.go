package shopify

import (
	"encoding/json"
	"time"
)

// spending is what an answer says about the cost budget.
type spending struct {
	requested float64 // the operation's price before it ran; 0 when not told
	actual    float64
	status    throttleStatus
	// throttled: refused for the budget, so nothing was taken from it.
	throttled bool
	// unsent: the call never went out.
	unsent bool
	// pause is a wait that Shopify asked everybody for.
	pause time.Duration
}

type throttleStatus struct {
	MaximumAvailable   float64 `json:"maximumAvailable"`
	CurrentlyAvailable float64 `json:"currentlyAvailable"`
	RestoreRate        float64 `json:"restoreRate"`
}

func (s throttleStatus) known() bool { return s.MaximumAvailable > 0 && s.RestoreRate > 0 }

// readCost reads "extensions". An answer without cost (there are such) tells nothing.
func readCost(extensions json.RawMessage) spending {
	var ext struct {
		Cost struct {
			Requested float64        `json:"requestedQueryCost"`
			Actual    *float64       `json:"actualQueryCost"`
			Status    throttleStatus `json:"throttleStatus"`
		} `json:"cost"`
	}
	if empty(extensions) || json.Unmarshal(extensions, &ext) != nil {
		return spending{}
	}
	s := spending{requested: max(ext.Cost.Requested, 0), status: ext.Cost.Status}
	if ext.Cost.Actual != nil {
		s.actual = max(*ext.Cost.Actual, 0)
	}
	return s
}

// wait is how long the bucket needs until it holds the requested cost.
func (s spending) wait() time.Duration {
	if !s.status.known() {
		return 0
	}
	need := min(s.requested, s.status.MaximumAvailable)
	return duration((need - s.status.CurrentlyAvailable) / s.status.RestoreRate)
}
