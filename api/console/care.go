package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/bulk"
	"pointbridge/domain/reviews"
)

// What cannot be undone is asked once, with what will happen. The table says how for every form there is, and a test
// holds that none is missing: a new form that nobody thought about does not get past it.

// care is how a form is kept from doing by mistake what cannot be undone.
type care struct {
	// ask is the key of the words of the page that asks, below care; empty where the form has a page of its own before
	// it, or where what it does can be undone.
	ask string
	// when says for which of the forms of an address it is asked; nil for all.
	when func(con *Console, req *request) bool
	// why says why it is not asked, for whoever reads the table: "undone", "own page", or "harmless" for what takes
	// nothing from anybody.
	why string
}

var (
	undone   = care{why: "undone"}
	ownPage  = care{why: "own page"}
	harmless = care{why: "harmless"}
)

// cares is the table, by the address of the form.
var cares = map[string]care{
	keysPath:                             undone, // a key can be revoked
	keysPath + "/revoke":                 {ask: "key"},
	staffPath:                            undone,
	staffPath + "/:id":                   {ask: "disable", when: disables},
	staffPath + "/:id/password":          {ask: "password"},
	staffPath + "/:id/second-factor":     {ask: "second_factor"},
	staffPath + "/:id/sign-out":          undone,
	staffPath + "/:id/link":              undone,
	staffPath + "/:id/tokens/revoke":     {ask: "token"},
	tokensPath:                           undone,
	tokensPath + "/revoke":               {ask: "token"},
	accountPath + "/password":            ownPage,
	accountPath + "/sign-out-everywhere": undone,
	accountPath + "/sign-out-others":     undone,
	accountPath + "/sessions/end":        undone,
	accountPath + "/totp":                undone,
	accountPath + "/totp/activate":       undone,
	accountPath + "/totp/remove":         {ask: "totp"},
	accountPath + "/recovery":            {ask: "recovery"},
	accountPath + "/passkeys/ask":        undone,
	accountPath + "/passkeys":            undone,
	accountPath + "/passkeys/remove":     {ask: "passkey"},
	accountPath + "/confirm":             undone,

	reviewsPath + "/:id/decision":    {ask: "decision", when: decides},
	requestsPath + "/:id/decision":   ownPage,
	requestsPath + "/:id/withdrawal": undone, // it can be asked for again
	couponsPath + "/:code/ask":       undone,
	bulkPath + "/new":                undone,
	bulkPath:                         ownPage,
	bulkPath + "/:id/approval":       ownPage,
	bulkPath + "/:id/status":         {ask: "bulk_stop", when: stops},
	customersPath + "/:id/unlock":    undone, // refusals lock again
	letterPath + "/test":             harmless,
	customersPath + "/:id/number":    ownPage,

	viewsPath:                              undone,
	viewsPath + "/:id/remove":              undone,   // it can be saved again
	couponsPath + "/:code/mail":            harmless, // what the customer has already
	customersPath + "/:id/notes":           harmless,
	customersPath + "/:id/convert/confirm": undone,
	customersPath + "/:id/convert":         ownPage,

	endpointsPath:            undone,
	endpointPath:             undone,
	endpointPath + "/active": undone,
	endpointPath + "/secret": {ask: "secret"},
	endpointPath + "/test":   harmless,
	endpointPath + "/replay": harmless, // whoever is told twice knows it by the id
	endpointPath + "/remove": ownPage,

	decisionsPath + "/:id/replay":  undone,
	decisionsPath + "/:id/verdict": {ask: "verdict"},
	campaignsPath:                  undone,
	campaignsPath + "/:key":        undone, // each version of the rules is kept
	campaignsPath + "/:key/status": ownPage,
	campaignsPath + "/:key/trial":  undone,
	templatesPath + "/:template":   undone,

	oneCampaign + "/codes":                undone, // a code can be cancelled
	batchesPath + "/new":                  undone,
	batchesPath:                           ownPage,
	batchesPath + "/:id/status":           ownPage,
	sharedPath:                            undone,
	sharedPath + "/:code/end":             ownPage,
	couponsPath + "/:code/cancel":         ownPage,
	couponsPath + "/:code/suspend":        ownPage,
	couponsPath + "/:code/cancel/confirm": undone, couponsPath + "/:code/suspend/confirm": undone,

	signInPath: undone, signInPath + "/passkey": undone,
	secondPath: undone, secondPath + "/passkey": undone, secondPath + "/leave": undone,
	choosePath: undone, choosePath + "/leave": undone,
	setUpPath: undone, setUpPath + "/passkey/ask": undone, setUpPath + "/passkey": undone, setUpPath + "/leave": undone,
	consolePath + "/sign-out": undone, consolePath + "/language": undone,
}

func disables(_ *Console, req *request) bool { return req.Field("disabled") == "yes" }

func stops(_ *Console, req *request) bool { return bulk.Status(req.Field("to")) == bulk.Stopped }

// decides says that the form holds a decision that can be carried out: what is wrong with one is told at once.
func decides(_ *Console, req *request) bool {
	outcome, note := reviews.Outcome(req.Field("outcome")), domain.TypedNote(req.Field("note"))
	return req.Field("key") != "" && noteFault(outcome, note) == "" && slices.ContainsFunc(reviews.Kinds(),
		func(k reviews.Kind) bool { return slices.Contains(k.Outcomes(), outcome) })
}

// surePage asks once, with what will happen; the form goes where it went, with the answer.
type surePage struct {
	Ask, Action, Back string
	Fields            url.Values
	// Says is what happens, in a sentence of its own where the form has one.
	Says string
}

// ask shows the question where it has to be asked and was not answered yet.
func (con *Console) ask(req *request, r route) (asked bool) {
	c := cares[r.Path]
	if c.ask == "" || c.when != nil && !c.when(con, req) || req.Field("sure") == "yes" {
		return false
	}
	page := surePage{Ask: c.ask, Action: req.Gin.Request.URL.Path, Back: req.formPage(), Fields: url.Values{}}
	for name, values := range req.Gin.Request.PostForm {
		if name != pages.FormToken && name != "sure" && !strings.HasPrefix(name, "confirm_") {
			page.Fields[name] = values
		}
	}
	page.Says = req.T("care." + c.ask)
	if c.ask == "decision" {
		page.Says = req.T("care.decision_of", req.known("decided.", req.Field("outcome"))) + " " + page.Says
	}
	req.showStatus(http.StatusOK, "sure", req.T("care.title"), page)
	return true
}
