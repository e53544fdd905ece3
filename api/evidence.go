package api

import (
	"time"

	"pointbridge/domain"
)

// Evidence is what the POS showed before a movement was sent, and when it was asked what became of it.
type Evidence struct {
	BalanceBefore int64           `json:"balance_before" doc:"The member's balance before the first attempt"`
	BeforeAt      time.Time       `json:"before_at"`
	BalanceFound  int64           `json:"balance_found" doc:"The balance when the POS was asked what became of it"`
	FoundAt       time.Time       `json:"found_at"`
	Entries       []EvidenceEntry `json:"entries" nullable:"false" doc:"The POS's entries of the member since, the oldest first"`
}

// EvidenceEntry is one of the POS's entries.
type EvidenceEntry struct {
	ID      string    `json:"id" doc:"The POS's id of the entry"`
	At      time.Time `json:"at" doc:"By the POS's clock"`
	Change  int64     `json:"change" doc:"In points; negative when taken"`
	Foreign bool      `json:"foreign" doc:"It is certainly none of ours, such as a sale, or points that expired"`
	Claimed bool      `json:"claimed" doc:"It is another movement's"`
}

func showEvidence(e domain.Evidence) *Evidence {
	out := &Evidence{BalanceBefore: e.Before.Balance, BeforeAt: e.Before.At.UTC(), BalanceFound: e.Found.Balance,
		FoundAt: e.Found.At.UTC(), Entries: []EvidenceEntry{}}
	for _, s := range e.Found.Entries {
		out.Entries = append(out.Entries, EvidenceEntry{ID: s.ID, At: s.At.UTC(), Change: s.Points, Foreign: s.Foreign,
			Claimed: s.Claimed})
	}
	return out
}
