package world

import (
	"encoding/json"
	"strings"
	"testing"

	"pointbridge/demo"
	"pointbridge/test/expect"
)

// CouponAt reads a coupon as staff see it.
func CouponAt(t *testing.T, staff Caller, code string) map[string]any {
	t.Helper()
	got := staff.Do("GET", "/v1/coupons/"+code, "", "")
	expect.MustEqual(t, "got.Status", got.Status, 200, got.Raw)
	return got.Body
}

// MailsTo reads the mails of the demo's mailbox, newest first.
func MailsTo(t *testing.T, file demo.File, to string) (mails []map[string]any) {
	t.Helper()
	var all []map[string]any
	got := Caller{t, file.API, ""}.Do("GET", strings.TrimPrefix(file.Mailbox, file.API)+"/messages", "", "")
	if err := json.Unmarshal(got.Raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if m["to"] == to {
			mails = append(mails, m)
		}
	}
	return mails
}
