package console

import (
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"pointbridge/domain"
)

// TestEntriesWithANumberSayHowOften: with what they have in common, or without a sentence that would have gaps.
func TestEntriesWithANumberSayHowOften(t *testing.T) {
	t.Parallel()
	con := newConsole(t)
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequest("GET", "/admin/audit", nil)
	req := asking(con, c)
	for want, e := range map[string]domain.AuditEntry{
		"Was refused for want of a right (POST /v1/refunds). This happened 499 more times within a minute.": {Action: "access.refused",
			Detail: map[string]any{"operation": "POST /v1/refunds", "times": 499.0}},
		"This happened 12 more times within a minute.": {Action: "access.refused", Detail: map[string]any{"times": 12}},
		"Was refused for want of a right (staff:manage).": {Action: "access.refused",
			Detail: map[string]any{"right": "staff:manage", "operation": "POST /admin/staff"}},
		"Searched the coupons; 250 were shown. This happened 10 more times within a minute.": {Action: domain.ActionCouponsFound,
			Detail: map[string]any{"found": 250.0, "times": 10.0}},
		"Searched the coupons; 1 was shown. This happened 1 more time within a minute.": {Action: domain.ActionCouponsFound,
			Detail: map[string]any{"found": 1.0, "times": 1}},
		"1 point was returned in the till (reference PB-1).": {Action: domain.ActionPointsGivenBack,
			Detail: map[string]any{"points": 1, "reference": "PB-1"}},
		"500 points were returned in the till (reference PB-1).": {Action: domain.ActionPointsGivenBack,
			Detail: map[string]any{"points": 500.0, "reference": "PB-1"}},
		"Looked at a member.": {Action: domain.ActionCustomerRead, Detail: map[string]any{}},
	} {
		if got := req.event(e); got.Text != want || got.Unknown {
			t.Errorf("it reads %q, want %q", got.Text, want)
		}
	}
	for _, action := range domain.ReadActions() {
		if _, worded := eventFigures[action]; !worded {
			t.Errorf("%s has no words", action)
		}
	}
}
