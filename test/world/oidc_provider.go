package world

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"pointbridge/api/console"
)

const (
	clientID     = "points"
	clientSecret = "the provider's word for us"
	TheirWord    = "their own password"
)

// idp is an identity provider that is not ours: the server of zitadel/oidc with its own pages, over HTTP.
type idp struct {
	*httptest.Server
	*storage.Storage
	public string

	mu     sync.Mutex
	people map[string]*storage.User
	groups map[string][]string
}

// provider starts one that knows a service at this public address.
func provider(t *testing.T, public string) *idp {
	t.Helper()
	p := &idp{public: public, people: map[string]*storage.User{}, groups: map[string][]string{}}
	client := storage.WebClient(clientID, clientSecret, public+console.ProviderReturn)
	p.Storage = storage.NewStorageWithClients(p, map[string]*storage.Client{clientID: client})
	p.Server = httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(p.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	issuer := "http://localhost:" + port // another host than the service's, as cookies have it
	p.Config.Handler = exampleop.SetupServer(issuer, p, nil, false)
	p.Start()
	p.URL = issuer
	t.Cleanup(p.Close)
	return p
}

// Employs lets somebody sign in there.
func (p *idp) Employs(id, email string, groups ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.people[id] = &storage.User{
		ID:            id,
		Username:      id,
		Password:      TheirWord,
		FirstName:     "Akiko",
		LastName:      "Mori",
		Email:         email,
		EmailVerified: true,
	}
	p.groups[id] = groups
}

func (p *idp) Change(id string, change func(*storage.User)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	changed := *p.people[id]
	change(&changed)
	p.people[id] = &changed
}

// GetUserByID implements storage.UserStore.
func (p *idp) GetUserByID(id string) *storage.User {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.people[id]
}

// GetUserByUsername implements storage.UserStore: people are called by their ids.
func (p *idp) GetUserByUsername(name string) *storage.User { return p.GetUserByID(name) }

// ExampleClientID implements storage.UserStore.
func (*idp) ExampleClientID() string { return "nobody" }

// SetUserinfoFromRequest implements op.CanSetUserinfoFromRequest.
func (p *idp) SetUserinfoFromRequest(
	ctx context.Context,
	info *oidc.UserInfo,
	token op.IDTokenRequest,
	scopes []string,
) error {
	p.addGroups(info, token.GetSubject())
	return p.Storage.SetUserinfoFromRequest(ctx, info, token, scopes)
}

// SetUserinfoFromToken implements op.Storage.
func (p *idp) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, tokenID, subject, origin string) error {
	p.addGroups(info, subject)
	return p.Storage.SetUserinfoFromToken(ctx, info, tokenID, subject, origin)
}

func (p *idp) addGroups(info *oidc.UserInfo, subject string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	info.AppendClaims("groups", p.groups[subject])
}

// leaver is a client that may send people back to us after a sign-out.
type leaver struct {
	op.Client
	to string
}

func (l leaver) PostLogoutRedirectURIs() []string { return []string{l.to} }

// GetClientByClientID implements op.Storage.
func (p *idp) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := p.Storage.GetClientByClientID(ctx, id)
	return leaver{c, p.public + console.ProviderLeft}, err
}

// settings are the service's for this provider.
func (p *idp) settings(more ...string) []string {
	return append([]string{"OIDC_ISSUER=" + p.URL, "OIDC_CLIENT_ID=" + clientID, "OIDC_CLIENT_SECRET=" + clientSecret,
		"OIDC_ROLES=admins=system_admin,managers=store_manager,shop=staff", "SIGN_IN_FAILURES=1000",
		"SIGN_IN_FAILURES_ADDRESS=1000"}, more...)
}

// visitorOf is a browser for which the service's public address leads to this process.
func visitorOf(t *testing.T, p *Proc, public string) *Visitor {
	t.Helper()
	v := NewVisitor(t, public)
	there, here := strings.TrimPrefix(public, "http://"), strings.TrimPrefix(p.Base, "http://")
	v.Client.Transport = &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == there {
				address = here
			}
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
	}
	return v
}

// SignInAt goes the whole way: our page, the provider's page, and back.
func (v *Visitor) SignInAt(p *idp, id, back string) SeenPage {
	v.T.Helper()
	login := v.toProvider(back)
	if login.URL.Path != "/login/username" {
		v.T.Fatalf("the provider's page is %s: %s", login.URL, login.Text())
	}
	return v.giveWord(p, login, id)
}

// toProvider presses our button and gives the page that it leads to.
func (v *Visitor) toProvider(back string) SeenPage {
	v.T.Helper()
	page := v.Get("/admin/sign-in?back=" + url.QueryEscape(back))
	for _, a := range page.All("a") {
		if strings.HasPrefix(Attribute(a, "href"), "/admin/sign-in/provider") {
			return v.Get(Attribute(a, "href"))
		}
	}
	v.T.Fatalf("no button leads to the provider: %s", page.Text())
	return SeenPage{}
}

// giveWord fills the provider's own form in.
func (v *Visitor) giveWord(p *idp, login SeenPage, id string) SeenPage {
	v.T.Helper()
	fields := FieldsOf(login.Form("/login/username"))
	fields.Set("username", id)
	fields.Set("password", TheirWord)
	base := v.base
	defer func() { v.base = base }()
	v.base = p.URL
	return v.Post("/login/username", fields)
}
