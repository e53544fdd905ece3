package domain

import "time"

// Sight is what a POS showed of a member at one moment: the balance, and the entries of the minutes around it.
type Sight struct {
	At      time.Time    `json:"at"`
	Balance int64        `json:"balance"`
	Entries []SightEntry `json:"entries,omitempty"`
	// PointsExpireOn is the day on which the member's points expire; empty where the POS keeps none.
	PointsExpireOn string `json:"points_expire_on,omitempty"`
}

// SightEntry is one of the POS's entries.
type SightEntry struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Points int64     `json:"points"` // signed: negative when taken
	// Foreign says that it is certainly none of ours, Claimed that it is another movement's.
	Foreign bool `json:"foreign,omitempty"`
	Claimed bool `json:"claimed,omitempty"`
}

// Has reports whether an entry stands in the sight.
func (s Sight) Has(id string) bool {
	for _, e := range s.Entries {
		if e.ID == id {
			return true
		}
	}
	return false
}

// Evidence is what was found about a movement of which nobody but a person can tell whether it was applied: what the
// POS showed before the first attempt, and when it was asked what became of it; of the second sight, the entries are
// those that were not in the first.
type Evidence struct {
	Before Sight `json:"before"`
	Found  Sight `json:"found"`
}
