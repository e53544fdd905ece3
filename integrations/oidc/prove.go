package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"pointbridge/domain/staff"
)

const (
	// skew is how far the provider's clock may be off, fresh how old a token may be that was asked for a moment ago.
	skew  = time.Minute
	fresh = 10 * time.Minute
	// maxGroups bounds how many values of the claim that gives roles are looked at.
	maxGroups = 1000
)

// algorithms sign with a key that the provider alone has. "none" and the algorithms with a shared secret are not among
// them.
var algorithms = []string{
	oidc.RS256,
	oidc.RS384,
	oidc.RS512,
	oidc.ES256,
	oidc.ES384,
	oidc.ES512,
	oidc.PS256,
	oidc.PS384,
	oidc.PS512,
	oidc.EdDSA,
}

// Prove implements staff.IdentityProvider.
func (c *Client) Prove(ctx context.Context, code string, p staff.Binding) (staff.Identity, error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, c.http), c.cfg.Timeout)
	defer cancel()
	d, err := c.describe(ctx)
	if err != nil {
		return staff.Identity{}, err
	}
	tokens, err := d.oauth.Exchange(ctx, code, oauth2.VerifierOption(p.Verifier))
	if err != nil {
		return staff.Identity{}, exchangeFailed(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	if raw == "" {
		return staff.Identity{}, invalid(errors.New("the provider sent no token of who it is"))
	}
	token, err := c.verify(ctx, d, raw, p.Nonce)
	if err != nil {
		return staff.Identity{}, err
	}
	claims, err := c.claims(ctx, d, token, tokens)
	if err != nil {
		return staff.Identity{}, err
	}
	return c.identity(token, claims), nil
}

// exchangeFailed tells a refusal from no answer. A code that the provider refuses proves nobody.
func exchangeFailed(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return unavailable("trade the code", err)
	}
	answer := fmt.Errorf("the provider refused the code with %d %s", refused.Response.StatusCode, refused.ErrorCode)
	if refused.ErrorCode == "invalid_grant" {
		return invalid(answer)
	}
	// Whatever else it says, a client it does not know, a request it does not like, a fault: it said nothing of the
	// person.
	return unavailable("trade the code", answer)
}

// plain keeps of a provider's words what may stand in a log.
func plain(word string) string {
	word = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, word)
	return word[:min(len(word), 200)]
}

// verify holds a token to its signature, its issuer, the one it was made for, its times and its nonce.
func (c *Client) verify(ctx context.Context, d *described, raw, nonce string) (*oidc.IDToken, error) {
	now := c.cfg.Now()
	verifier := d.provider.Verifier(&oidc.Config{ClientID: c.cfg.ClientID, SupportedSigningAlgs: algorithms,
		Now: func() time.Time { return now.Add(-skew) }})
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		// go-oidc 3.21.0 hands its cause on as text only, so a provider whose keys cannot be had is told by the text.
		// Were it to change, such a sign-in would be refused instead of put off: nobody gets in by it.
		if ctx.Err() != nil || strings.Contains(err.Error(), "fetching keys") {
			return nil, unavailable("send its keys", err)
		}
		return nil, invalid(err)
	}
	var more struct {
		Party string `json:"azp"`
	}
	if err := token.Claims(&more); err != nil {
		return nil, invalid(err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1 || nonce == "":
		return nil, invalid(errors.New("the token is of another sign-in"))
	case more.Party != "" && more.Party != c.cfg.ClientID, more.Party == "" && len(token.Audience) > 1:
		return nil, invalid(errors.New("the token was made for somebody else"))
	case token.IssuedAt.After(now.Add(skew)), token.IssuedAt.Before(now.Add(-fresh)):
		return nil, invalid(errors.New("the token was not made now"))
	case token.Subject == "" || len(token.Subject) > 255:
		return nil, invalid(errors.New("the token names nobody"))
	}
	return token, nil
}

// claims are what the token says, and where it is silent what the provider says of the same person when it is asked.
func (c *Client) claims(
	ctx context.Context,
	d *described,
	token *oidc.IDToken,
	tokens *oauth2.Token,
) (map[string]any, error) {
	claims := map[string]any{}
	if err := token.Claims(&claims); err != nil {
		return nil, invalid(err)
	}
	if claims["email"] != nil && len(at(claims, c.cfg.RoleClaim)) > 0 || d.provider.UserInfoEndpoint() == "" {
		return claims, nil
	}
	info, err := d.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return nil, unavailable("say more of the person", err)
	}
	if info.Subject != token.Subject {
		return nil, invalid(errors.New("the provider told of somebody else"))
	}
	more := map[string]any{}
	if err := info.Claims(&more); err != nil {
		return nil, unavailable("say more of the person", err)
	}
	if claims["email"] != nil && claims["email"] != more["email"] { // an address and the word for it belong together
		delete(more, "email_verified")
	}
	for name, value := range more {
		if _, said := claims[name]; !said {
			claims[name] = value
		}
	}
	return claims, nil
}

func (c *Client) identity(token *oidc.IDToken, claims map[string]any) staff.Identity {
	text := func(name string) string { s, _ := claims[name].(string); return s }
	verified := claims["email_verified"] == true || claims["email_verified"] == "true"
	var since time.Time
	if at, ok := claims["auth_time"].(float64); ok && at > 0 && at < 1<<40 {
		since = time.Unix(int64(at), 0).UTC()
	}
	return staff.Identity{Issuer: c.cfg.Issuer, Subject: token.Subject, Email: text("email"), Name: text("name"),
		EmailVerified: verified || (c.cfg.TrustEmail && claims["email_verified"] == nil),
		Groups:        at(claims, c.cfg.RoleClaim), Methods: values(claims["amr"]), Context: text("acr"), At: since}
}

// at returns the values of a claim: of the one with this whole name, or of the one that the names between dots lead to.
func at(claims map[string]any, path string) []string {
	if value, ok := claims[path]; ok {
		return values(value)
	}
	head, rest, deeper := strings.Cut(path, ".")
	inner, ok := claims[head].(map[string]any)
	if !deeper || !ok {
		return nil
	}
	return at(inner, rest)
}

// values reads a claim that is a text, a list of texts, or an object whose names are the values.
func values(claim any) (list []string) {
	switch claim := claim.(type) {
	case string:
		list = []string{claim}
	case []any:
		for _, one := range claim {
			if text, ok := one.(string); ok {
				list = append(list, text)
			}
		}
	case map[string]any:
		for name := range claim {
			list = append(list, name)
		}
		slices.Sort(list)
	}
	return list[:min(len(list), maxGroups)]
}
