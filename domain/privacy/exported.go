package privacy

import (
	"context"

	"pointbridge/domain"
)

// RecordExport writes into the audit that somebody takes away what is held about people, for each of them. It comes
// before they are handed anything.
func (s *Service) RecordExport(ctx context.Context, request int64, list []Dossier, by domain.Caller) error {
	for _, d := range list {
		err := s.Store.Record(ctx, domain.AuditEntry{At: s.Clock.Now(), Actor: by.ID, ActorName: by.Name,
			Credential: by.Credential, Action: domain.ActionPrivacyExported, CustomerID: d.CustomerID,
			Outcome: domain.OutcomeDone, Detail: map[string]any{"request": request}})
		if err != nil {
			return err
		}
	}
	return nil
}
