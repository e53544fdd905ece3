package world

import (
	"regexp"
	"testing"

	"pointbridge/commands"
)

func RunAudit(t *testing.T, environ []string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e LockedBuffer
	code = commands.Run(t.Context(), append([]string{"audit"}, args...), environ, &o, &e)
	return code, o.String(), e.String()
}

var headForm = regexp.MustCompile(`head (\d+:[0-9a-f]{64})`)

func HeadOf(t *testing.T, out string) string {
	t.Helper()
	found := headForm.FindStringSubmatch(out)
	if found == nil {
		t.Fatalf("no head in %q", out)
	}
	return found[1]
}

// AuditAgrees holds every coupon and movement against the audit.
// covers: 004-55
func (w *World) AuditAgrees() {
	w.T.Helper()
	for a, err := range w.Store.Audit.Accounts(w.T.Context()) {
		if err != nil {
			w.T.Fatal(err)
		}
		for _, sentence := range a.Differences() {
			w.T.Errorf("%s", sentence)
		}
	}
}
