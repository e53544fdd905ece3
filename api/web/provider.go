package web

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

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
	// again tells that the person is asked to show there once more who they are.
	again bool
	until time.Time
}

func (w *Web) pendingName() string { return w.cookieName() + "_sign_in" }

// proof is drawn from the sign-in's id by our secret, so that the browser holds neither nonce nor verifier.
func (w *Web) proof(p pending) staff.Binding {
	return staff.Binding{
		State:    w.sign("oidc state", p.id),
		Nonce:    w.sign("oidc nonce", p.id),
		Verifier: w.sign("oidc verifier", p.id),
		Again:    p.again,
	}
}

func (w *Web) writePending(p pending) string {
	back := base64.RawURLEncoding.EncodeToString([]byte(p.back))
	text := p.id + "." + strconv.FormatInt(p.until.Unix(), 10) + "." + strconv.FormatBool(p.again) + "." + back
	return text + "." + w.sign("oidc pending", text)
}

// readPending gives the sign-in that the browser began, if it did and that is not too long ago.
func (w *Web) readPending(value string) (pending, bool) {
	cut := strings.LastIndexByte(value, '.')
	if cut < 0 || !hmac.Equal([]byte(value[cut+1:]), []byte(w.sign("oidc pending", value[:cut]))) {
		return pending{}, false
	}
	parts := strings.Split(value[:cut], ".")
	if len(parts) != 4 {
		return pending{}, false
	}
	until, err := strconv.ParseInt(parts[1], 10, 64)
	back, err2 := base64.RawURLEncoding.DecodeString(parts[3])
	p := pending{id: parts[0], back: localPath(string(back)), again: parts[2] == "true", until: time.Unix(until, 0)}
	return p, err == nil && err2 == nil && w.deps.Now().Before(p.until)
}

func (v *visit) setPending(value string, age int) {
	http.SetCookie(v.c.Writer, &http.Cookie{Name: v.web.pendingName(), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: v.web.secure(), SameSite: http.SameSiteLaxMode})
}

// toProvider begins a sign-in and sends the browser to the provider.
func (w *Web) toProvider(v *visit) error {
	p := pending{id: rand.Text(), back: localPath(v.query("back")), again: v.query("again") == "yes", until: w.deps.Now().Add(providerLife)}
	address, err := w.deps.Staff.ProviderAddress(v.ctx(), w.proof(p))
	if err != nil {
		return w.notIn(v, err, p.back)
	}
	v.setPending(w.writePending(p), int(providerLife.Seconds()))
	v.c.Redirect(http.StatusSeeOther, address)
	return nil
}

// fromProvider takes a browser back. Whatever comes of it, the sign-in that was begun is over: it is good once.
func (w *Web) fromProvider(v *visit) error {
	if _, provider := w.deps.Staff.Ways(); !provider {
		return domain.Refuse(domain.CodeNotFound)
	}
	value, _ := v.c.Cookie(w.pendingName())
	v.setPending("", -1)
	p, begun := w.readPending(value)
	proof := w.proof(p)
	answer, err := returned(v.c.Request.URL.RawQuery)
	switch {
	case err != nil, !begun, !hmac.Equal([]byte(answer.Get("state")), []byte(proof.State)):
		return w.notIn(v, domain.Refuse(domain.CodeIdentityRefused, "reason", "browser"), consolePath)
	case answer.Get("error") != "":
		return w.notIn(v, saidNo(answer.Get("error")), p.back)
	}
	from := v.from("")
	signed, err := w.deps.Staff.SignInByProvider(v.ctx(),
		staff.Returned{Code: answer.Get("code"), Issuer: answer.Get("iss"), From: from}, proof)
	if err != nil {
		return w.notIn(v, err, p.back)
	}
	return v.letIn(signed, from, p.back)
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
func (w *Web) notIn(v *visit, refusal error, back string) error {
	told := w.deps.Hooks.Say(v.lang, refusal)
	switch told.Code {
	case domain.CodeIdentityRefused:
		told.Detail = v.known("sign_in.provider_", staff.ReasonOf(refusal))
	case domain.CodeUpstreamUnavailable:
		told.Title, told.Detail = v.t("sign_in.provider_silent"), v.t("sign_in.provider_silent_detail")
	case domain.CodeRateLimited:
		v.c.Header("Retry-After", number(told.RetryAfter))
	default:
		return refusal
	}
	w.deps.Hooks.Refused(v.c, refusal)
	v.showStatus(told.Status, "sign-in", v.t("sign_in.title"), w.signInPage("", back, &told))
	return nil
}

// leftPage is the page after a sign-out that goes on at the provider. A form may lead nowhere but to us, so the page
// leads on.
type leftPage struct{ Address string }
