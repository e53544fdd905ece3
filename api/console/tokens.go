package console

import (
	"net/http"
	"strconv"
	"strings"

	"pointbridge/api/pages"
	"pointbridge/domain"
)

const tokensPath = accountPath + "/tokens"

// tokensPage is the visitor's own tokens: only the person makes them, because whoever has one is that person.
type tokensPage struct {
	Tokens []domain.APIKey
	// Key is drawn when the page is made, so that sending its form twice makes one token.
	Key    string
	Told   *pages.Told
	Secret *shownSecret
}

func (con accountHandlers) tokenRoutes() []route {
	return []route{
		pages.Get(tokensPath, own, con.ownTokens),
		pages.Post(tokensPath, own, con.addOwnToken),
		pages.Post(tokensPath+"/revoke", own, con.revokeOwnToken),
	}
}

func (con accountHandlers) ownTokens(req *request) error {
	return con.showTokens(req, http.StatusOK, nil, nil)
}

func (con accountHandlers) showTokens(req *request, status int, told *pages.Told, secret *shownSecret) (err error) {
	page := tokensPage{Key: pages.NewKey(), Told: told, Secret: secret}
	if page.Tokens, err = con.deps.Staff.Tokens(req.Ctx(), req.person.ID); err != nil {
		return err
	}
	req.showStatus(status, "tokens", req.T("tokens.title"), page)
	return nil
}

func (con accountHandlers) addOwnToken(req *request) error {
	occasion, err := req.formKey()
	token, key := "", domain.APIKey{}
	if err == nil {
		token, key, err = con.deps.Staff.AddTokenOnce(req.Ctx(), req.Who, req.person.ID,
			strings.TrimSpace(req.Field("name")), occasion)
	}
	if err != nil {
		return req.stay(err, func(status int, told *pages.Told) error { return con.showTokens(req, status, told, nil) })
	}
	return con.showTokens(req, http.StatusOK, nil, &shownSecret{"token", key.Caller.Name, token})
}

func (con accountHandlers) revokeOwnToken(req *request) error {
	id, err := strconv.ParseInt(req.Field("token"), 10, 64)
	if err != nil {
		return domain.Refuse(domain.CodeNotFound)
	}
	if err := con.deps.Staff.RevokeToken(req.Ctx(), req.Who, req.person.ID, id); err != nil {
		return err
	}
	req.redirect(tokensPath)
	return nil
}
