package staff

import (
	"context"
	"slices"
	"strings"
	"time"

	"pointbridge/domain"
)

const (
	// halfWay is how long the second factor may take.
	halfWay = 10 * time.Minute
	// FreshFor is how long somebody is believed to sit there still who showed who they are.
	FreshFor = 10 * time.Minute
	// seenEvery bounds how often the use of a session is written down.
	seenEvery = time.Minute
)

// Entry is somebody who wants in.
type Entry struct {
	Email, Password string
	// Code is one of the authenticator app's, or a recovery code; empty when it was not asked for yet.
	Code string
	// Page says that a page will ask for what is missing: the sign-in stops half-way instead of being refused.
	Page bool
	From From
}

// SignedIn is what somebody has who showed who they are. Nobody can read the token again.
type SignedIn struct {
	Token     string
	ExpiresAt time.Time
	Staff     domain.Staff
	// Stage is what is still missing.
	Stage Stage
}

// Proof is how a person showed who they are.
type Proof struct {
	// Methods are the ways, such as ByPassword; another service that vouches for people has a word of its own.
	Methods []string
	// SecondFactor says that it was more than one factor.
	SecondFactor bool
	// Spend is used up by it, Attempt was counted for it, Replaces is the half-way session it goes on from.
	Spend    Spend
	Attempt  int64
	Replaces []byte
	// Provider is what an identity provider said of how the person signed in there.
	Provider string
	// At is when the person showed who they are, if that was not just now.
	At time.Time
}

// Enter opens a session for a password. Whatever does not fit, the answer and what it costs are the same:
// unauthenticated. Other errors: rate_limited, while an attempt from there has to wait; password_sign_in_off; to those
// alone who know the password, second_factor_required and second_factor_wrong.
func (s *Service) Enter(ctx context.Context, e Entry) (in SignedIn, err error) {
	if s.provider.Only {
		return SignedIn{}, domain.Refuse(domain.CodePasswordsOff)
	}
	e.Email, _ = domain.NormalizeEmail(e.Email)
	err = s.tried(ctx, e.Email, e.From, func(ctx context.Context, attempt int64) error {
		in, err = s.enter(ctx, e, attempt)
		return err
	})
	return in, err
}

func (s *Service) enter(ctx context.Context, e Entry, attempt int64) (SignedIn, error) {
	person, right, err := s.prove(ctx, e.Email, e.Password)
	if err != nil {
		return SignedIn{}, err
	}
	if !right {
		unknown := domain.Caller{ID: "unknown"}
		return SignedIn{}, s.refuse(ctx, unknown, domain.ActionSessionRefused, e.Email,
			domain.Refuse(domain.CodeUnauthenticated))
	}
	proof := Proof{Methods: []string{ByPassword}, Attempt: attempt}
	switch {
	case !person.HasSecondFactor() || (e.Code == "" && e.Page):
		return s.LetIn(ctx, person, proof, e.From)
	case e.Code == "":
		return SignedIn{}, s.stopHalfWay(ctx, person, attempt)
	default:
		return s.enterWithCode(ctx, person, e.Code, proof, byPassword(person), e.From)
	}
}

// stopHalfWay refuses somebody who gave no code: what they did was no failure.
func (s *Service) stopHalfWay(ctx context.Context, person domain.Staff, attempt int64) error {
	if err := s.store.Withdraw(ctx, attempt, s.done(byPassword(person), domain.ActionSessionHalfWay, nil)); err != nil {
		return err
	}
	return domain.Refuse(domain.CodeSecondFactor)
}

func (s *Service) enterWithCode(
	ctx context.Context,
	person domain.Staff,
	code string,
	proof Proof,
	by domain.Caller,
	from From,
) (SignedIn, error) {
	spend, method, err := s.checkCode(person, code)
	if err != nil {
		return SignedIn{}, s.wrongFactor(ctx, person.Email, by, err)
	}
	proof.Methods, proof.Spend, proof.SecondFactor = append(proof.Methods, method), spend, true
	in, err := s.LetIn(ctx, person, proof, from)
	return in, s.wrongFactor(ctx, person.Email, by, err)
}

// byPassword is somebody who has shown a password and nothing else yet.
func byPassword(person domain.Staff) domain.Caller {
	by := person.Caller()
	by.Credential = ByPassword
	return by
}

// wrongFactor records a wrong or used-up second factor; other errors, and none, pass through.
func (s *Service) wrongFactor(ctx context.Context, email string, by domain.Caller, err error) error {
	if err == nil || domain.CodeOf(err) != domain.CodeSecondFactorWrong {
		return err
	}
	return s.refuse(ctx, by, domain.ActionSessionSecondFactorRefused, email, err)
}

// SecondFactor goes on from a half-way session with a code. Errors: second_factor_wrong, rate_limited.
func (s *Service) SecondFactor(
	ctx context.Context,
	person domain.Staff,
	session domain.Session,
	code string,
	from From,
) (SignedIn, error) {
	attempt, err := s.counted(ctx, person.Email, from)
	if err != nil {
		return SignedIn{}, err
	}
	proof := Proof{Methods: strings.Fields(session.Methods), Attempt: attempt, Replaces: session.Hash}
	return s.enterWithCode(ctx, person, code, proof, session.Caller(person), from)
}

// LetIn turns a person who showed who they are into a session. It is the one way in: whatever proved the person, what
// is still due is decided here. Errors: unauthenticated for somebody who may not get in, second_factor_wrong when what
// the proof spends is used up.
func (s *Service) LetIn(ctx context.Context, person domain.Staff, p Proof, from From) (SignedIn, error) {
	if !person.Enabled() {
		return SignedIn{}, domain.Refuse(domain.CodeUnauthenticated)
	}
	token, hash, err := domain.NewSessionToken(s.random)
	if err != nil {
		return SignedIn{}, err
	}
	now := s.now()
	session := domain.Session{
		Hash:            hash,
		StaffID:         person.ID,
		Epoch:           person.Epoch,
		CreatedAt:       now,
		ExpiresAt:       now.Add(s.limits.Life),
		AuthenticatedAt: now,
		SeenAt:          now,
		Methods:         strings.Join(slices.Compact(p.Methods), " "),
		SecondFactor:    p.SecondFactor,
		Agent:           agentOf(from.Agent),
		Address:         from.Address,
		Provider:        p.Provider,
	}
	if !p.At.IsZero() && p.At.Before(now) {
		session.AuthenticatedAt = p.At
	}
	stage := s.Stage(person, session)
	action := domain.ActionSessionOpened
	if stage == StageSecondFactor {
		action, session.ExpiresAt = domain.ActionSessionHalfWay, now.Add(min(halfWay, s.limits.Life))
	}
	detail := map[string]any{"methods": session.Methods}
	if session.Provider != "" {
		action, detail = domain.ActionSessionByProvider, map[string]any{"how": session.Provider}
	}
	o := Opening{
		Session:  session,
		Attempt:  p.Attempt,
		HalfWay:  stage == StageSecondFactor,
		Replaces: p.Replaces,
		Spend:    p.Spend,
		Locale:   from.Locale,
		Entry:    s.done(session.Caller(person), action, detail),
	}
	if !o.HalfWay {
		o.Device = deviceOf(from)
		o.NewDevice = noticeTo(person, NoticeNewDevice, "", session.Agent, now)
		o.NewDevice.Address = from.Address
	}
	if err := s.store.OpenSession(ctx, o); err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Token: token, ExpiresAt: session.ExpiresAt, Staff: person, Stage: stage}, nil
}

// deviceOf stands for a device: the browser's own text, else what a program calls itself and the network it comes from.
func deviceOf(from From) string {
	if from.Browser != "" {
		return digest("browser " + from.Browser)
	}
	return digest("program " + agentOf(from.Agent) + " " + from.Address)
}

// Session finds out whose session a token is, if it is one that lets in. Errors: unauthenticated, and what is still
// due.
func (s *Service) Session(ctx context.Context, token string) (domain.Session, domain.Staff, error) {
	session, person, stage, err := s.AnySession(ctx, token)
	if err == nil {
		err = stage.Refusal()
	}
	if err != nil {
		return domain.Session{}, domain.Staff{}, err
	}
	return session, person, nil
}

// AnySession is Session for sessions of every stage. Who asks has to look at the stage. Errors: unauthenticated.
func (s *Service) AnySession(ctx context.Context, token string) (domain.Session, domain.Staff, Stage, error) {
	session, person, err := s.store.FindSession(ctx, domain.HashAPIKey(token))
	if err != nil {
		return domain.Session{}, domain.Staff{}, StageIn, err
	}
	now := s.now()
	if !session.Alive(person, now) || s.idle(session, now) {
		return domain.Session{}, domain.Staff{}, StageIn, domain.Refuse(domain.CodeUnauthenticated)
	}
	if now.Sub(session.SeenAt) >= s.seenEvery() {
		if err := s.store.SeeSession(ctx, session.Hash, now); err != nil {
			return domain.Session{}, domain.Staff{}, StageIn, err
		}
		session.SeenAt = now
	}
	return session, person, s.Stage(person, session), nil
}

// idle reports whether a session was not used for too long. Its last use is known to the minute, so it can end that
// much early.
func (s *Service) idle(session domain.Session, now time.Time) bool {
	return s.tools.Idle > 0 && now.Sub(session.SeenAt) >= s.tools.Idle
}

func (s *Service) seenEvery() time.Duration {
	if s.tools.Idle > 0 {
		return min(seenEvery, s.tools.Idle/4)
	}
	return seenEvery
}
