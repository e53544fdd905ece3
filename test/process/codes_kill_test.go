package process

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/decisions"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestABatchGoesOnAfterAKill kills the real process, again and again, while it makes codes, pauses the batch, kills it
// once more, and lets it go on: in the end the store has every code that was asked for, and none besides.
// covers: H-12
func TestABatchGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		k := startKillBed(t, db)
		own := db.Open(t, time.Now, func(context.Context, *sql.Tx, []domain.Job) error { return nil })
		key := liveCampaign(t, own.Campaigns)
		owner := world.Caller{T: t, Base: k.base, Key: world.OwnedKey(k.Once, "ec_admin", "codes")}
		const count = 6000
		got := owner.Do("POST", "/v1/campaigns/"+key+"/batches", "make", fmt.Sprintf(`{"count":%d}`, count))
		expect.MustEqual(t, "status", got.Status, http.StatusAccepted, got.Raw)
		path := got.Header.Get("Location")
		made := func() codes.Batch {
			list, err := own.Batches.BatchesOf(t.Context(), key, 0, 10)
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "batches", len(list), 1)
			return list[0]
		}
		for range storm() {
			before := made().Made
			world.Eventually(t, "codes are made", func() bool { return made().Made > before })
			k.service.Kill()
			k.startService()
		}
		paused := owner.Do("POST", path+"/status", "", `{"to":"paused"}`)
		expect.MustEqual(t, "status", paused.Status, http.StatusOK, paused.Raw)
		k.service.Kill()
		k.startService()
		expect.Equal(t, "after the kill", made().Status, codes.Paused)
		owner.Do("POST", path+"/status", "", `{"to":"running"}`)
		world.Eventually(t, "all codes are made", func() bool { return made().Status == codes.Done })
		b := made()
		expect.Equal(t, "made", b.Made, count)
		table := owner.Do("GET", path+"/codes.csv", "", "")
		lines := strings.Split(strings.TrimSpace(string(table.Raw)), "\r\n")[1:]
		ours := make([]string, len(lines))
		for i, line := range lines {
			ours[i], _, _ = strings.Cut(line, ",")
		}
		slices.Sort(ours)
		there := k.codesInTheShop(b.DiscountID)
		slices.Sort(there)
		expect.Equal(t, "codes in the table", len(ours), count)
		expect.That(t, "the store has the same", slices.Equal(ours, there), len(there))
	})
}

// liveCampaign makes a campaign of batches beside the service.
func liveCampaign(t *testing.T, repository campaigns.Repository) string {
	t.Helper()
	service := campaigns.Service{Campaigns: repository, Now: time.Now}
	by := domain.Caller{ID: "staff:1", Name: "Ec Admin", Role: domain.RoleECAdmin}
	c := campaigns.Campaign{Key: "flash", Prefix: "FLASH-", Names: []campaigns.Name{{Language: "ja", Text: "セール"}},
		Policy: decisions.NewPolicy(decisions.Medium), Offer: campaigns.Offer{Codes: campaigns.Batch,
			Value:    campaigns.Value{Kind: campaigns.Percentage, Range: campaigns.One(1000)},
			StartsAt: time.Now(), EndsAt: time.Now().AddDate(0, 0, 7)}}
	if _, err := service.Make(t.Context(), by, c); err != nil {
		t.Fatal(err)
	}
	if _, err := service.SetStatus(t.Context(), by, c.Key, campaigns.Live, ""); err != nil {
		t.Fatal(err)
	}
	return c.Key
}

// codesInTheShop lists the codes of a discount as the simulated store has them.
func (k *killBed) codesInTheShop(discount string) (list []string) {
	k.T.Helper()
	after := "null"
	for {
		body := fmt.Sprintf(`{"query":"query($id: ID!, $after: String) { discountNode(id: $id) { discount {
			... on DiscountCodeBasic { codes(first: 250, after: $after) { nodes { code } pageInfo { hasNextPage endCursor } } } } } }",
			"variables":{"id":%q,"after":%s}}`, discount, after)
		body = strings.NewReplacer("\n", " ", "\t", "").Replace(body)
		req, err := http.NewRequestWithContext(k.T.Context(), http.MethodPost,
			k.URL+"/admin/api/"+demo.DemoAPIVersion+"/graphql.json", strings.NewReader(body))
		if err != nil {
			k.T.Fatal(err)
		}
		req.Header.Set("X-Shopify-Access-Token", k.Creds.AccessToken)
		req.Header.Set("Content-Type", "application/json")
		res, err := world.OneOff().Do(req)
		if err != nil {
			k.T.Fatal(err)
		}
		raw, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		var got struct {
			Data struct {
				DiscountNode struct {
					Discount struct {
						Codes struct {
							Nodes    []struct{ Code string }
							PageInfo struct {
								HasNextPage bool
								EndCursor   string
							}
						}
					}
				}
			}
		}
		if err != nil || json.Unmarshal(raw, &got) != nil {
			k.T.Fatalf("%v: %.300s", err, raw)
		}
		page := got.Data.DiscountNode.Discount.Codes
		for _, n := range page.Nodes {
			list = append(list, n.Code)
		}
		if !page.PageInfo.HasNextPage {
			return list
		}
		after = fmt.Sprintf("%q", page.PageInfo.EndCursor)
	}
}
