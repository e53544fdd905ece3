package api

import (
	"context"
	"time"

	"pointbridge/domain"
)

// TokenBody is an API token of a person, without its secret.
type TokenBody struct {
	ID         int64      `json:"id"`
	Name       string     `json:"name" doc:"What it is for"`
	Prefix     string     `json:"prefix" doc:"The public part of the token"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at" doc:"To the minute; null for never"`
}

func tokenOf(k domain.APIKey) TokenBody {
	body := TokenBody{ID: k.ID, Name: k.Caller.Name, Prefix: k.Prefix, CreatedAt: k.CreatedAt.UTC()}
	if k.LastUsedAt != nil {
		at := k.LastUsedAt.UTC()
		body.LastUsedAt = &at
	}
	return body
}

type addTokenInput struct {
	StaffPath
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"200" doc:"What it is for"`
	} `nameHint:"NewToken"`
}

type addTokenOutput struct {
	Body struct {
		TokenBody
		Token string `json:"token" doc:"The token itself; it is shown this once"`
	} `nameHint:"AddedToken"`
}

func (a *API) addToken(ctx context.Context, in *addTokenInput) (*addTokenOutput, error) {
	return a.makeToken(ctx, in.ID, in.Body.Name)
}

func (a *API) makeToken(ctx context.Context, person int64, name string) (*addTokenOutput, error) {
	token, key, err := a.deps.Accounts.AddToken(ctx, exchangeOf(ctx).caller, person, name)
	if err != nil {
		return nil, err
	}
	out := &addTokenOutput{}
	out.Body.TokenBody, out.Body.Token = tokenOf(key), token
	return out, nil
}

type tokensOutput struct {
	Body struct {
		Items      []TokenBody `json:"items" nullable:"false"`
		NextCursor *string     `json:"next_cursor" doc:"Always null: the list comes whole"`
	} `nameHint:"TokenList"`
}

func (a *API) tokens(ctx context.Context, in *StaffPath) (*tokensOutput, error) {
	list, err := a.deps.Staff.Tokens(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &tokensOutput{}
	out.Body.Items = make([]TokenBody, 0, len(list))
	for _, k := range list {
		out.Body.Items = append(out.Body.Items, tokenOf(k))
	}
	return out, nil
}

type revokeTokenInput struct {
	StaffPath
	TokenID int64 `path:"token" minimum:"1" doc:"The token's number"`
}

func (a *API) revokeToken(ctx context.Context, in *revokeTokenInput) (*struct{}, error) {
	return nil, a.deps.Staff.RevokeToken(ctx, exchangeOf(ctx).caller, in.ID, in.TokenID)
}
