package world

import (
	"encoding/json"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/store"
)

// Entries reads the audit of one action, oldest first, as it stands in the database of a service that runs.
func Entries(t *testing.T, s *store.Store, action string) (list []domain.AuditEntry) {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(),
		`SELECT actor, customer_id, outcome, detail FROM audit WHERE action = '`+action+`' ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e domain.AuditEntry
		var detail string
		if err := rows.Scan(&e.Actor, &e.CustomerID, &e.Outcome, &detail); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(detail), &e.Detail); err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
