package web

import (
	"net/http"
	"strconv"
	"strings"

	"pointbridge/domain"
)

const tokensPath = accountPath + "/tokens"

// tokensPage is the visitor's own tokens: only the person makes them, because whoever has one is that person.
type tokensPage struct {
	Tokens []domain.APIKey
	// Key is drawn when the page is made, so that sending its form twice makes one token.
	Key    string
	Told   *Told
	Secret *shownSecret
}

func (w *Web) tokenRoutes() []route {
	return []route{
		{http.MethodGet, tokensPath, own, w.ownTokens},
		{http.MethodPost, tokensPath, own, w.addOwnToken},
		{http.MethodPost, tokensPath + "/revoke", own, w.revokeOwnToken},
	}
}

func (w *Web) ownTokens(v *visit) error { return w.showTokens(v, http.StatusOK, nil, nil) }

func (w *Web) showTokens(v *visit, status int, told *Told, secret *shownSecret) (err error) {
	page := tokensPage{Key: newFormKey(), Told: told, Secret: secret}
	if page.Tokens, err = w.deps.Staff.Tokens(v.ctx(), v.person.ID); err != nil {
		return err
	}
	v.showStatus(status, "tokens", v.t("tokens.title"), page)
	return nil
}

func (w *Web) addOwnToken(v *visit) error {
	occasion, err := v.formKey()
	token, key := "", domain.APIKey{}
	if err == nil {
		token, key, err = w.deps.Staff.AddTokenOnce(v.ctx(), v.who, v.person.ID, strings.TrimSpace(v.field("name")), occasion)
	}
	if err != nil {
		return v.stay(err, func(status int, told *Told) error { return w.showTokens(v, status, told, nil) })
	}
	return w.showTokens(v, http.StatusOK, nil, &shownSecret{"token", key.Caller.Name, token})
}

func (w *Web) revokeOwnToken(v *visit) error {
	id, err := strconv.ParseInt(v.field("token"), 10, 64)
	if err != nil {
		return domain.Refuse(domain.CodeNotFound)
	}
	if err := w.deps.Staff.RevokeToken(v.ctx(), v.who, v.person.ID, id); err != nil {
		return err
	}
	v.redirect(tokensPath)
	return nil
}
