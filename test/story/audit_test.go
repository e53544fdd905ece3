package story

import (
	"testing"

	"pointbridge/demo"
	"pointbridge/test/world"
)

// auditOfDemo asks a running demo for the audit of a code, and its database for a verdict.
func auditOfDemo(t *testing.T, file demo.File, data, code string) {
	t.Helper()
	admin := world.Caller{T: t, Base: file.API, Key: file.Keys["ec_admin"]}
	var lines []any
	world.Eventually(t, "every line is sealed", func() bool {
		got := admin.Do("GET", "/v1/audit?coupon="+code, "", "")
		lines, _ = got.Body["items"].([]any)
		newest := map[string]any{}
		if len(lines) > 0 {
			newest, _ = lines[0].(map[string]any)
		}
		return got.Status == 200 && newest["seq"] != nil && newest["hash"] != nil
	})
	for i, action := range []string{"coupon.activated", "points.taken", "conversion.started"} {
		line, _ := lines[i].(map[string]any)
		if line["action"] != action || line["actor"] == "" || line["at"] == nil || line["outcome"] != "done" ||
			line["coupon_code"] != code {
			t.Errorf("line %d is %v, want %s", i, line, action)
		}
	}
	if got := (world.Caller{T: t, Base: file.API, Key: file.Keys["staff"]}).Do("GET", "/v1/audit", "",
		""); got.Status != 403 {
		t.Errorf("staff read the audit: %d", got.Status)
	}
	if code, out, errs := world.RunAudit(t, nil, "verify", "--data", data); code != 0 || world.HeadOf(t, out) == "" {
		t.Errorf("exit %d, %q %q", code, out, errs)
	}
}
