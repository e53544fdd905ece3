package console

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

const (
	providerPath = signInPath + "/provider"
	// ProviderReturn is where an identity provider sends browsers back to.
	ProviderReturn = signInPath + "/return"
	// ProviderLeft is where it sends them after a sign-out there.
	ProviderLeft = signInPath
	// providerLife is how long a browser may be away.
	providerLife = 10 * time.Minute
	// maxReturned bounds each part of what a browser brings back, in bytes.
	maxReturned = 4 << 10
)

// pending is a sign-in that goes on at the identity provider. It lives in the browser, signed: whoever comes back with
// a code comes back with this or not at all.
type pending struct {
	id, back string
	// again says that the person is asked to show there once more who they are.
	again bool
	until time.Time
}

func (con *Console) pendingName() string { return con.cookieName() + "_sign_in" }

// proof is drawn from the sign-in's id by our secret, so that the browser holds neither nonce nor verifier.
func (con entryHandlers) proof(p pending) staff.Binding {
	return staff.Binding{
		State:    con.deps.Sign("oidc state", p.id),
		Nonce:    con.deps.Sign("oidc nonce", p.id),
		Verifier: con.deps.Sign("oidc verifier", p.id),
		Again:    p.again,
	}
}

func (con entryHandlers) writePending(p pending) string {
	back := base64.RawURLEncoding.EncodeToString([]byte(p.back))
	text := p.id + "." + strconv.FormatInt(p.until.Unix(), 10) + "." + strconv.FormatBool(p.again) + "." + back
	return text + "." + con.deps.Sign("oidc pending", text)
}

// readPending returns the sign-in that the browser began, if it did and that is not too long ago.
func (con entryHandlers) readPending(value string) (pending, bool) {
	cut := strings.LastIndexByte(value, '.')
	if cut < 0 || !pages.Same(value[cut+1:], con.deps.Sign("oidc pending", value[:cut])) {
		return pending{}, false
	}
	parts := strings.Split(value[:cut], ".")
	if len(parts) != 4 {
		return pending{}, false
	}
	until, err := strconv.ParseInt(parts[1], 10, 64)
	back, err2 := base64.RawURLEncoding.DecodeString(parts[3])
	p := pending{id: parts[0], back: localPath(string(back)), again: parts[2] == "true", until: time.Unix(until, 0)}
	return p, err == nil && err2 == nil && con.deps.Now().Before(p.until)
}

func (req *request) setPending(value string, age int) {
	req.SetCookie(&http.Cookie{Name: req.console.pendingName(), Value: value, MaxAge: age})
}

// toProvider begins a sign-in and sends the browser to the provider.
func (con entryHandlers) toProvider(req *request) error {
	p := pending{id: rand.Text(), back: localPath(req.Query("back")), again: req.Query("again") == "yes",
		until: con.deps.Now().Add(providerLife)}
	address, err := con.deps.Staff.ProviderAddress(req.Ctx(), con.proof(p))
	if err != nil {
		return con.notIn(req, err, p.back)
	}
	req.setPending(con.writePending(p), int(providerLife.Seconds()))
	req.Gin.Redirect(http.StatusSeeOther, address)
	return nil
}

// fromProvider takes a browser back. Whatever comes of it, the sign-in that was begun is over: it is good once.
func (con entryHandlers) fromProvider(req *request) error {
	if _, provider := con.deps.Staff.Ways(); !provider {
		return domain.Refuse(domain.CodeNotFound)
	}
	value, _ := req.Gin.Cookie(con.pendingName())
	req.setPending("", -1)
	p, begun := con.readPending(value)
	proof := con.proof(p)
	answer, err := returned(req.Gin.Request.URL.RawQuery)
	switch {
	case err != nil, !begun, !pages.Same(answer.Get("state"), proof.State):
		return con.notIn(req, domain.Refuse(domain.CodeIdentityRefused, "reason", "browser"), consolePath)
	case answer.Get("error") != "":
		return con.notIn(req, saidNo(answer.Get("error")), p.back)
	}
	from := req.from("")
	signed, err := con.deps.Staff.SignInByProvider(req.Ctx(),
		staff.Returned{Code: answer.Get("code"), Issuer: answer.Get("iss"), From: from}, proof)
	if err != nil {
		return con.notIn(req, err, p.back)
	}
	return req.letIn(signed, from, p.back)
}

// returned reads what the browser brings back: each part once, and none too long.
func returned(query string) (url.Values, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, err
	}
	for _, list := range values {
		if len(list) != 1 || len(list[0]) > maxReturned {
			return nil, errors.New("a part of the answer is there twice, or too long")
		}
	}
	return values, nil
}

// saidNo words an answer without a code. What the person refused there, or the provider refused them, was an answer;
// anything else says nothing of the person.
func saidNo(word string) error {
	if word == "access_denied" {
		return domain.Refuse(domain.CodeIdentityRefused, "reason", "denied")
	}
	return &domain.Error{
		Code: domain.CodeUpstreamUnavailable,
		Err:  errors.New("the identity provider answered with an error"),
	}
}

// notIn shows the sign-in page with what was in the way. Nothing has changed.
func (con entryHandlers) notIn(req *request, refusal error, back string) error {
	told := con.deps.Hooks.Say(req.Lang, refusal)
	switch told.Code {
	case domain.CodeIdentityRefused:
		told.Detail = req.known("sign_in.provider_", staff.ReasonOf(refusal))
	case domain.CodeUpstreamUnavailable:
		told.Title, told.Detail = req.T("sign_in.provider_silent"), req.T("sign_in.provider_silent_detail")
	case domain.CodeRateLimited:
		req.Gin.Header("Retry-After", pages.Number(told.RetryAfter))
	default:
		return refusal
	}
	con.deps.Hooks.Refused(req.Gin, refusal)
	req.showStatus(told.Status, "sign-in", req.T("sign_in.title"), con.signInPage("", back, &told))
	return nil
}

// leftPage is the page after a sign-out that goes on at the provider. A form may lead nowhere but to us, so the page
// leads on.
type leftPage struct{ Address string }
