package process

import (
	"pointbridge/test/world"
)

// auditHolds verifies the audit of a service that was killed again and again, as its operator would.
// covers: 004-37, 004-55
func (k *killBed) auditHolds() {
	k.t.Helper()
	if code, out, errs := world.RunAudit(k.t, k.env, "verify"); code != 0 || world.HeadOf(k.t, out) == "" {
		k.t.Errorf("exit %d, %q %q", code, out, errs)
	}
}
