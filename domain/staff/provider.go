package staff

import (
	"context"
	"strings"
	"time"

	"pointbridge/domain"
)

// linkFor is how long an admin's word lasts that an identity may become a person's.
const linkFor = 24 * time.Hour

// IdentityProvider proves people who sign in somewhere else.
type IdentityProvider interface {
	// Address is where a browser is sent to sign in. Errors: upstream_unavailable.
	Address(ctx context.Context, p Binding) (string, error)
	// Prove finds out who came back with a code. Errors: upstream_unavailable when the provider did not say,
	// identity_refused when what it said proves nobody.
	Prove(ctx context.Context, code string, p Binding) (Identity, error)
	// LeaveAddress is where a browser is sent to sign out there too; empty when the provider has no such place.
	LeaveAddress(ctx context.Context) string
	// SpeaksFor reports whether an answer that names this issuer is the provider's; empty for an answer that names
	// none.
	SpeaksFor(ctx context.Context, issuer string) (bool, error)
}

// Binding binds one sign-in to one browser: the state comes back in the address, the nonce in the token, and only
// whoever has the verifier can turn the code into a token.
type Binding struct {
	State, Nonce, Verifier string
	// Again asks who somebody is although they are signed in there.
	Again bool
}

// Identity is who somebody is at an identity provider: proved by signature, issuer, audience, times and nonce.
type Identity struct {
	Issuer, Subject string
	Email           string
	// EmailVerified reports whether the provider vouches that the address is the person's.
	EmailVerified bool
	Name          string
	// Groups are the values of the claim that gives roles.
	Groups []string
	// Methods and Context are how the person signed in there (amr and acr).
	Methods []string
	Context string
	// At is when the person last showed there who they are; zero when the provider does not say.
	At time.Time
}

// RoleRule gives a role to everybody whose claim has the value.
type RoleRule struct {
	Value string
	Role  domain.Role
}

// Provider is how people sign in somewhere else. The zero value means that nobody does.
type Provider struct {
	By IdentityProvider
	// Roles are looked at in their order; the first that fits is the person's role. Whom none fits is refused.
	Roles []RoleRule
	// Only says that no password lets anybody in.
	Only bool
}

func (p Provider) roleOf(groups []string) domain.Role {
	for _, rule := range p.Roles {
		for _, group := range groups {
			if group == rule.Value {
				return rule.Role
			}
		}
	}
	return ""
}

// WithProvider returns the service with another way in.
func (s *Service) WithProvider(p Provider) *Service {
	other := *s
	other.provider = p
	return &other
}

// Ways tells by what people sign in.
func (s *Service) Ways() (passwords, provider bool) { return !s.provider.Only, s.provider.By != nil }

// ProviderAddress is where a browser is sent to sign in. Errors: not_found without a provider, upstream_unavailable.
func (s *Service) ProviderAddress(ctx context.Context, p Binding) (string, error) {
	if s.provider.By == nil {
		return "", domain.Refuse(domain.CodeNotFound)
	}
	return s.provider.By.Address(ctx, p)
}

// LeaveAddress is where a browser is sent whose session is over, so that it is over at the provider too; empty for
// nowhere.
func (s *Service) LeaveAddress(ctx context.Context, session domain.Session) string {
	if s.provider.By == nil || session.Provider == "" {
		return ""
	}
	return s.provider.By.LeaveAddress(ctx)
}

// Returned is what a browser brings back from the provider.
type Returned struct {
	Code, Issuer string
	// From is where the browser comes from, to count failures by.
	From From
}

// SignInByProvider opens a session for whoever the provider proves. The attempt is counted before the provider is
// asked, and taken back when it does not answer. Errors: identity_refused with the reason, rate_limited,
// upstream_unavailable, not_found without a provider.
func (s *Service) SignInByProvider(ctx context.Context, r Returned, p Binding) (SignedIn, error) {
	if s.provider.By == nil {
		return SignedIn{}, domain.Refuse(domain.CodeNotFound)
	}
	attempt, err := s.counted(ctx, "identity provider "+r.From.Address, r.From)
	if err != nil {
		return SignedIn{}, err
	}
	identity, err := s.askProvider(ctx, r, p)
	if domain.CodeOf(err) == domain.CodeUpstreamUnavailable {
		if forgiven := s.store.Forgive(context.WithoutCancel(ctx), attempt); forgiven != nil {
			return SignedIn{}, forgiven
		}
	}
	if err != nil {
		return SignedIn{}, s.refuseIdentity(ctx, identity, err)
	}
	person, err := s.recognise(ctx, identity)
	if domain.CodeOf(err) == domain.CodeStaffExists { // two first sign-ins at once: the other one made the account
		person, err = s.recognise(ctx, identity)
	}
	if err != nil {
		return SignedIn{}, s.refuseIdentity(ctx, identity, err)
	}
	// The provider answers for every factor: what is asked of passwords here is not asked of whom it proved.
	proof := Proof{Methods: []string{ByProvider}, SecondFactor: true, Attempt: attempt, Provider: identity.how(),
		At: identity.At}
	if proof.At.IsZero() && !p.Again { // a browser that is still signed in there may have come through without anybody
		proof.At = s.now().Add(-FreshFor)
	}
	return s.LetIn(ctx, person, proof, r.From)
}

// askProvider asks the provider, if the answer is the provider's at all.
func (s *Service) askProvider(ctx context.Context, r Returned, p Binding) (Identity, error) {
	ours, err := s.provider.By.SpeaksFor(ctx, r.Issuer)
	if err != nil {
		return Identity{}, err
	}
	if !ours {
		return Identity{}, refusedFor(ReasonInvalid)
	}
	return s.provider.By.Prove(ctx, r.Code, p)
}

// refusedFor is the refusal of an identity: what the page says depends on the reason.
func refusedFor(reason string) error {
	return domain.Refuse(domain.CodeIdentityRefused, "reason", reason)
}

// refuseIdentity records whom the provider's word did not let in. Subjects are digests in the audit.
func (s *Service) refuseIdentity(ctx context.Context, i Identity, refusal error) error {
	if domain.CodeOf(refusal) != domain.CodeIdentityRefused {
		return refusal
	}
	detail := map[string]any{"reason": ReasonOf(refusal)}
	if i.Subject != "" {
		detail["subject_sha256"] = digest(i.Issuer + " " + i.Subject)[:12]
	}
	entry := s.entry(domain.Caller{ID: "unknown"}, domain.ActionIdentityRefused, domain.OutcomeRefused, detail)
	if err := s.store.Record(context.WithoutCancel(ctx), entry); err != nil {
		return err
	}
	return refusal
}

// maxHow bounds what is kept of a provider's words.
const maxHow = 200

// how is what is kept of how somebody signed in at the provider.
func (i Identity) how() string {
	how := "oidc"
	if len(i.Methods) > 0 {
		how += " amr=" + strings.Join(i.Methods, ",")
	}
	if i.Context != "" {
		how += " acr=" + i.Context
	}
	how = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, how)
	return how[:min(len(how), maxHow)]
}
