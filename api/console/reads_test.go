package console

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/test/expect"
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
		"1 point was returned in the POS (reference PB-1).": {Action: domain.ActionPointsGivenBack,
			Detail: map[string]any{"points": 1, "reference": "PB-1"}},
		"500 points were returned in the POS (reference PB-1).": {Action: domain.ActionPointsGivenBack,
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

// seen keeps what is recorded.
type seen struct{ list []domain.AuditEntry }

func (s *seen) Record(_ context.Context, e domain.AuditEntry) error {
	s.list = append(s.list, e)
	return nil
}

// TestReadsOfPagesNameTheSession: what was looked at is told apart by how somebody came in.
func TestReadsOfPagesNameTheSession(t *testing.T) {
	t.Parallel()
	record := &seen{}
	base, err := pages.New(pages.Shared{Secret: []byte(strings.Repeat("s", 32)), Locale: "en", Zone: time.UTC,
		Recorder: record, Now: func() time.Time { return time.Unix(0, 0) }}, pages.Hooks{})
	expect.MustEqual(t, "err", err, nil)
	con, err := New(Deps{Base: base})
	expect.MustEqual(t, "err", err, nil)
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequest("GET", "/admin/coupons", nil)
	req := asking(con, c)
	req.Who = domain.Caller{ID: "staff:1", Credential: "session:1a2b"}
	expect.MustEqual(t, "err", req.read(domain.ActionCouponsFound, "", found(2)), nil)
	expect.MustEqual(t, "entries", len(record.list), 1)
	expect.Equal(t, "what let them in", record.list[0].Credential, "session:1a2b")
}
