package console

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/gin-gonic/gin"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/policies"
	"pointbridge/test/expect"
)

// oneCampaignBook has one campaign, under any key.
type oneCampaignBook struct {
	pages.CampaignBook
	c campaigns.Campaign
}

func (b oneCampaignBook) ByKey(context.Context, string) (campaigns.Campaign, error) { return b.c, nil }

// TestAListOnItsPagesTakesTheRightToGiveCodes: a shop whose policy lets somebody write rules and give no codes does not
// have that undone by a list.
func TestAListOnItsPagesTakesTheRightToGiveCodes(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "policy.csv")
	expect.MustEqual(t, "err", os.WriteFile(file, []byte("p, ec_admin, campaign_codes, create, deny\n"), 0o600), nil)
	policy, faults, err := policies.Load(file)
	expect.MustThat(t, "read", err == nil && len(faults) == 0, err)
	for _, c := range []struct {
		role  domain.Role
		codes campaigns.Codes
		may   bool
	}{
		{domain.RoleECAdmin, campaigns.Personal, false},
		{domain.RoleECAdmin, campaigns.Batch, true},
		{domain.RoleSystemAdmin, campaigns.Personal, true},
	} {
		con := consoleBy(t, policy)
		con.deps.Identity.CampaignBook = oneCampaignBook{c: campaigns.Campaign{Key: "summer",
			Offer: campaigns.Offer{Codes: c.codes}}}
		g, _ := gin.CreateTestContext(httptest.NewRecorder())
		g.Request = httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/admin/campaigns/summer/batches/new", nil)
		req := asking(con, g)
		req.Who = domain.Caller{ID: "staff:1", Role: c.role}
		_, err := codeHandlers{con}.ofBatch(req)
		expect.Equal(t, string(c.role)+" makes "+string(c.codes), err == nil, c.may)
		expect.That(t, "why", c.may || domain.CodeOf(err) == domain.CodePermissionDenied, err)
	}
}
