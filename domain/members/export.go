package members

import (
	"context"

	"pointbridge/domain"
)

// exportPage is how many members are held at a time.
const exportPage = 500

// Lister lists members by id.
type Lister interface {
	// After lists members behind an id, at most limit.
	After(ctx context.Context, id string, limit int) ([]domain.Customer, error)
}

// Sink takes what is exported, and sends it on when a part is complete.
type Sink interface {
	Member(c domain.Customer) error
	Flush() error
}

// Export writes all members, a part at a time, and puts into the audit that they were taken away: when it begins, and
// with their number when it ends.
func (s *Service) Export(ctx context.Context, by domain.Caller, from Lister, to Sink) (int, error) {
	record := func(action string, detail map[string]any) error {
		return s.Recorder.Record(ctx, domain.AuditEntry{At: s.Clock.Now(), Actor: by.ID, ActorName: by.Name,
			Credential: by.Credential, Action: action, Outcome: domain.OutcomeDone, Detail: detail})
	}
	if err := record(domain.ActionMembersExportBegun, nil); err != nil {
		return 0, err
	}
	count := 0
	for after := ""; ; {
		page, err := from.After(ctx, after, exportPage)
		if err != nil {
			return count, err
		}
		for _, c := range page {
			if err := to.Member(c); err != nil {
				return count, err
			}
		}
		count += len(page)
		if err := to.Flush(); err != nil {
			return count, err
		}
		if len(page) < exportPage {
			return count, record(domain.ActionMembersExported, map[string]any{"found": count})
		}
		after = page[len(page)-1].ID
	}
}
