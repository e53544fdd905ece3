package api

import (
	"context"
	"net/http"
	"time"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/campaigns/codes"
)

const (
	sharedCodesPath = campaignsPath + "/{key}/shared-codes"
	codesPage       = 50
	mostCodesPage   = 200
)

var (
	mayReadCodes = access.To("campaign_codes", "read")
)

// campaignCodeRoutes are codes that anybody may type. Whoever reads a list of codes could use them, so that reading is a
// right of its own.
func (a *API) campaignCodeRoutes() {
	const get, post = http.MethodGet, http.MethodPost
	add(a, route{post, sharedCodesPath, mayRunCampaigns, "Make a code that anybody may type, credited to its owner", true,
		[]domain.Code{domain.CodeCampaignNotFound, domain.CodeCampaignStatus, domain.CodeOtherCodes,
			domain.CodeCodeTaken, domain.CodeShopSettings}}, http.StatusAccepted, a.shareCode)
	add(a, route{get, sharedCodesPath, mayReadCodes, "A campaign's codes that anybody may type, with their uses", false,
		[]domain.Code{domain.CodeCampaignNotFound}}, http.StatusOK, a.sharedCodes)
	add(a, route{post, sharedCodesPath + "/{code}/deactivation", mayRunCampaigns,
		"End one of these codes for good; one that has ended is left alone", true,
		[]domain.Code{domain.CodeCodeNotFound}}, http.StatusAccepted, a.deactivateCode)
}

// CampaignCodeBody is a code that anybody may type.
type CampaignCodeBody struct {
	Code          string     `json:"code"`
	Owner         string     `json:"owner" doc:"Who is credited with its uses, not who may use it"`
	Status        string     `json:"status" enum:"on_the_way,active,off,deactivated,refused,gone,removed" doc:"on_the_way: not in the shop yet, or being switched. off: its campaign is paused or has ended. deactivated: ended by a person. refused: the shop did not take it, see reason. gone: somebody deleted it in the shop. removed: it has left the shop, its figures stay"`
	Reason        *string    `json:"reason" doc:"Why it was refused; code_taken when another discount has the text"`
	EndsAt        *time.Time `json:"ends_at"`
	DeactivatedAt *time.Time `json:"deactivated_at"`
	Uses          int        `json:"uses" doc:"Orders that used it and stand"`
	MadeAt        time.Time  `json:"made_at"`
}

func campaignCodeOf(c codes.Code) CampaignCodeBody {
	return CampaignCodeBody{Code: c.Code, Owner: c.Owner, Status: string(c.Status()), Reason: given(c.Reason),
		EndsAt: c.EndsAt, DeactivatedAt: c.DeactivatedAt, Uses: c.Uses, MadeAt: c.At.UTC()}
}

type shareCodeInput struct {
	CampaignPath
	RequestKey string `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"128" doc:"New for each new request: the same request sent again has one effect and gets the first answer"`
	Body       struct {
		Code  string `json:"code" minLength:"3" maxLength:"32" doc:"Begins with the campaign's prefix; letters, digits and hyphens"`
		Owner string `json:"owner" minLength:"1" maxLength:"80" doc:"Who is credited with its uses: a name or a handle"`
	} `nameHint:"NewSharedCode"`
}

type sharedCodeOutput struct {
	Location string `header:"Location" doc:"Where the campaign's codes are listed"`
	Replayed string `header:"Idempotent-Replayed" doc:"true on the repeated answer to a repeated request"`
	Body     CampaignCodeBody
}

func (a *API) shareCode(ctx context.Context, in *shareCodeInput) (*sharedCodeOutput, error) {
	code, replayed, err := a.deps.Identity.Codes.Share(ctx, codes.SharedCode{Caller: exchangeOf(ctx).caller,
		Key: in.RequestKey, Campaign: in.Key, Code: in.Body.Code, Owner: in.Body.Owner})
	if err != nil {
		return nil, err
	}
	return &sharedCodeOutput{campaignsPath + "/" + in.Key + "/shared-codes", replayedText(replayed), campaignCodeOf(code)}, nil
}

func replayedText(replayed bool) string {
	if replayed {
		return "true"
	}
	return ""
}

type sharedCodesInput struct {
	CampaignPath
	Cursor string `query:"cursor" maxLength:"64" doc:"next_cursor of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many on a page"`
}

type sharedCodesOutput struct {
	Body struct {
		Items      []CampaignCodeBody `json:"items" nullable:"false"`
		NextCursor *string            `json:"next_cursor" doc:"null at the end"`
	} `nameHint:"SharedCodeList"`
}

func (a *API) sharedCodes(ctx context.Context, in *sharedCodesInput) (*sharedCodesOutput, error) {
	after, err := readCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	if _, err := a.deps.Identity.CampaignBook.ByKey(ctx, in.Key); err != nil {
		return nil, err
	}
	list, err := a.deps.Identity.CodeBook.CodesOf(ctx, codes.Query{Campaign: in.Key, Kind: codes.Shared, After: after,
		Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	out := &sharedCodesOutput{}
	out.Body.Items = make([]CampaignCodeBody, 0, len(list))
	if len(list) > in.Limit {
		list = list[:in.Limit]
		next := writeCursor(list[in.Limit-1].ID)
		out.Body.NextCursor = &next
	}
	for _, c := range list {
		out.Body.Items = append(out.Body.Items, campaignCodeOf(c))
	}
	return out, nil
}

type deactivateCodeInput struct {
	CampaignPath
	RequestKey string   `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"128" doc:"Asked for like everywhere; repeating changes nothing anyway"`
	Code       string   `path:"code" maxLength:"32" doc:"The code, in any spelling"`
	Body       struct{} `nameHint:"Deactivation"`
}

type codeOutput struct {
	Body CampaignCodeBody
}

func (a *API) deactivateCode(ctx context.Context, in *deactivateCodeInput) (*codeOutput, error) {
	code, err := a.deps.Identity.Codes.Deactivate(ctx, exchangeOf(ctx).caller, in.Key, in.Code)
	if err != nil {
		return nil, err
	}
	return &codeOutput{campaignCodeOf(code)}, nil
}
