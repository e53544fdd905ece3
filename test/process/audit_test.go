package process

import (
	"pointbridge/test/world"
)

// auditHolds verifies the audit of a service that was killed again and again, as its operator would.
// covers: 004-37, 004-55
func (k *killBed) auditHolds() {
	k.T.Helper()
	if code, out, errs := world.RunAudit(k.T, k.Env, "verify"); code != 0 || world.HeadOf(k.T, out) == "" {
		k.T.Errorf("exit %d, %q %q", code, out, errs)
	}
}
