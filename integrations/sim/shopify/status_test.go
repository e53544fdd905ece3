package shopify_test

import (
	"net/http"
	"testing"

	"pointbridge/integrations/sim"
	"pointbridge/test/expect"
)

// TestUsualStatus: a rule that names no status answers 503, before and after the act, as the POS's does.
func TestUsualStatus(t *testing.T) {
	t.Parallel()
	s, faults, listener := faulty(t)
	for _, mode := range []sim.Mode{sim.Status, sim.StatusAfter} {
		faults.Add(sim.Rule{Act: createAct, Mode: mode})
		status, body, err := s.send(t.Context(), listener, "70934-AB72CD-"+string(mode))
		expect.MustEqual(t, "err", err, nil, mode, body)
		expect.Equal(t, "status", status, http.StatusServiceUnavailable, mode, body)
	}
	if n := len(s.Discounts()); n != 1 {
		t.Errorf("%d codes were made, not one", n)
	}
}
