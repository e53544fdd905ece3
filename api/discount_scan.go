package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"pointbridge/domain"
)

type foundCode struct {
	ID         string     `json:"id" doc:"Shopify's id of the discount"`
	Title      string     `json:"title"`
	Code       string     `json:"code" doc:"The first of its codes"`
	Codes      int        `json:"codes" doc:"How many codes it has"`
	EndsAt     *time.Time `json:"ends_at"`
	UsageLimit *int       `json:"usage_limit"`
	Uses       int        `json:"uses"`
	AdminURL   *string    `json:"admin_url" doc:"Where the store's staff can change it"`
	Faults     []fault    `json:"faults" nullable:"false" doc:"What is wrong with it, the gravest first"`
}

type fault struct {
	Fault  string `json:"fault" enum:"no_end,no_limit,not_once_each,for_anybody,combines,end_is_far_away,many_uses_remain"`
	Advice string `json:"advice" doc:"What to do about it, in the language of the request"`
}

type discountScanOutput struct {
	Body struct {
		At       time.Time   `json:"at"`
		Seen     int         `json:"seen" doc:"How many active codes were looked at"`
		Findings []foundCode `json:"findings" nullable:"false" doc:"The gravest first"`
		Cut      bool        `json:"cut" doc:"true: there are more active codes than were looked at"`
	} `nameHint:"DiscountScan"`
}

func (a *API) discountScanRoutes() {
	add(a, route{http.MethodPost, "/v1/discounts/scan", mayRunCampaigns,
		"Look for active codes of the store that anybody could use without end; nothing is changed", false,
		[]domain.Code{domain.CodeUpstreamUnavailable, domain.CodeBusy}}, http.StatusOK, a.scanDiscounts)
}

func (a *API) scanDiscounts(ctx context.Context, _ *struct{}) (*discountScanOutput, error) {
	r, err := a.deps.ScanDiscounts(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.read(ctx, domain.ActionDiscountsScanned, "", map[string]any{"found": len(r.Findings)}); err != nil {
		return nil, err
	}
	x := exchangeOf(ctx)
	out := &discountScanOutput{}
	out.Body.At, out.Body.Seen, out.Body.Cut = r.At.UTC(), r.Seen, r.Cut
	out.Body.Findings = make([]foundCode, 0, len(r.Findings))
	for _, f := range r.Findings {
		one := foundCode{ID: f.Code.ID, Title: f.Code.Title, Code: f.Code.Code, Codes: f.Code.Codes, EndsAt: f.Code.EndsAt,
			UsageLimit: f.Code.UsageLimit, Uses: f.Code.Uses, AdminURL: given(a.discountURL(f.Code.ID)), Faults: []fault{}}
		for _, kind := range f.Faults {
			one.Faults = append(one.Faults, fault{string(kind), x.api.texts.sentence(x.words, "opening.", string(kind))})
		}
		out.Body.Findings = append(out.Body.Findings, one)
	}
	return out, nil
}

// discountURL is where the store's own admin shows a discount: by the number at the end of its gid.
func (a *API) discountURL(gid string) string {
	number := gid[strings.LastIndexByte(gid, '/')+1:]
	if number == "" || a.deps.AdminURL == "" {
		return ""
	}
	return a.deps.AdminURL + "/discounts/" + number
}
