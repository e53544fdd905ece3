package console

import (
	"context"

	"pointbridge/domain"
)

// read writes into the audit that a person was shown customers' data: whose, and how much. Nothing is shown that cannot
// be recorded.
func (req *request) read(action, customerID string, detail map[string]any) error {
	return req.console.deps.Recorder.Record(context.WithoutCancel(req.Ctx()),
		domain.AuditEntry{At: req.console.deps.Now(), Actor: req.Who.ID, ActorName: req.Who.Name,
			Credential: req.Who.Credential, Action: action, CustomerID: customerID, Outcome: domain.OutcomeDone,
			Detail: detail})
}

// found says how many there were.
func found(n int) map[string]any { return map[string]any{"found": n} }

// counted counts the lines of what is sent.
type counted struct {
	breathing
	lines *int
}

func (c counted) Write(p []byte) (int, error) {
	for _, b := range p {
		if b == '\n' {
			*c.lines++
		}
	}
	return c.breathing.Write(p)
}
