package console

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/bulk"
	"pointbridge/policies"
	"pointbridge/test/expect"
)

// madeJobs keeps which kinds of job were made.
type madeJobs struct {
	pages.Bulk
	kinds []bulk.Kind
}

func (m *madeJobs) Make(_ context.Context, a bulk.Asked) (bulk.Job, bool, error) {
	m.kinds = append(m.kinds, a.Kind)
	return bulk.Job{PublicID: "blk_1"}, false, nil
}

// TestAKindOfJobBecomesNoOtherOne: a form whose kind the visitor may not have, or that names none, makes no job.
func TestAKindOfJobBecomesNoOtherOne(t *testing.T) {
	t.Parallel()
	rules, err := policies.New()
	expect.MustEqual(t, "err", err, nil)
	for kind, want := range map[string]domain.Code{"cancel": "", "suspend": "", "": domain.CodePermissionDenied,
		"forfeit": domain.CodePermissionDenied} {
		jobs := &madeJobs{}
		base, err := pages.New(pages.Shared{Policy: rules, Secret: []byte(strings.Repeat("s", 32)), Locale: "en",
			Zone: time.UTC, Bulk: jobs, Now: func() time.Time { return time.Unix(0, 0) }}, pages.Hooks{})
		expect.MustEqual(t, "err", err, nil)
		con, err := New(Deps{Base: base})
		expect.MustEqual(t, "err", err, nil)
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequest(http.MethodPost, bulkPath, nil)
		c.Request.PostForm = url.Values{"kind": {kind}, "codes": {"70934-AB72CD-500"}, "reason": {"issued_in_error"},
			"key": {"k"}}
		req := asking(con, c)
		req.session, req.Who = &domain.Session{}, domain.Caller{ID: "staff:1", PersonID: 1, Role: domain.RoleStoreManager}
		err = bulkHandlers{con}.make(req)
		expect.Equal(t, "a refusal", err != nil, want != "", kind)
		if want != "" {
			expect.Equal(t, "why", domain.CodeOf(err), want, kind)
			expect.Equal(t, "jobs", len(jobs.kinds), 0, kind)
			continue
		}
		expect.MustEqual(t, "jobs", len(jobs.kinds), 1, kind)
		expect.Equal(t, "the kind", string(jobs.kinds[0]), kind)
	}
}
