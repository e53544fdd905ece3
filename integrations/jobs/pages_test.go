package jobs

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// TestPages: River's pages read what stands in the queue, in transactions of River's own, which ring our bell.
func TestPages(t *testing.T) {
	t.Parallel()
	db := openPostgres(t)
	migrated(t, db)
	c := newClient(t, db, &hands{}, nil)
	put(t, db, c, domain.Job{Kind: domain.JobAdvance, CouponID: 77})
	pages, err := c.Pages("/below")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/below/": `"base":"/below"`, "/below/api/queues": `"data"`,
		"/below/api/jobs?state=available": `coupon_id`, "/below/api/states": `"available":{"accuracy":"exact","count":1`,
		"/below/api/autocomplete?facet=job_kind": string(domain.JobAdvance)} {
		got := httptest.NewRecorder()
		pages.ServeHTTP(got, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		expect.That(t, path, got.Code == http.StatusOK && strings.Contains(strings.ReplaceAll(got.Body.String(), " ", ""),
			want), got.Code, got.Body.String())
	}
}
