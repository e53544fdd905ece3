package passkeys_test

import (
	"crypto/rand"
	"testing"
	"time"

	virtual "github.com/descope/virtualwebauthn"

	"pointbridge/domain"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/staff"
	"pointbridge/domain/staff/stafftest"
	"pointbridge/integrations/passkeys"
	"pointbridge/test/expect"
)

const password = "correct horse battery"

var from = staff.From{Address: "192.0.2.1"}

// desk is somebody with a browser's keys before the whole of sign-in, on a clock that stands still.
type desk struct {
	*staff.Service
	t      *testing.T
	clock  *couponstest.Clock
	memory *stafftest.Memory
	site   virtual.RelyingParty
	device virtual.Authenticator
	key    virtual.Credential
	person domain.Staff
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	keys, err := passkeys.New("https://points.example", "Demo Shop")
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{
		t:      t,
		clock:  couponstest.NewClock(),
		memory: &stafftest.Memory{},
		site:   virtual.RelyingParty{Name: "Demo Shop", ID: "points.example", Origin: "https://points.example"},
	}
	d.Service = staff.New(d.memory.Store(), &stafftest.Hasher{}, d.clock.Now, rand.Reader, staff.Limits{}).
		Equip(staff.Tools{Passkeys: keys, Secret: []byte("0123456789abcdef0123456789abcdef"), Shop: "Demo Shop"})
	if d.person, _, err = d.Add(t.Context(), staff.Operator(), staff.Person{Email: "mori@example.com", Name: "Mori",
		Role: domain.RoleStaff, Password: password}); err != nil {
		t.Fatal(err)
	}
	d.device, d.key = virtual.NewAuthenticator(), newKey()
	d.device.Options.UserHandle = []byte(d.person.Caller().ID)
	return d
}

// wholeKey is how long a key on P-256 is, written as COSE has it: both coordinates have 32 bytes.
const wholeKey = 77

// newKey draws a key. The library leaves out the zeros that one coordinate in 256 begins with, which no authenticator
// does.
func newKey() virtual.Credential {
	for {
		if key := virtual.NewCredential(virtual.KeyTypeEC2); len(key.Key.AttestationData()) == wholeKey {
			return key
		}
	}
}

func (d *desk) signIn() (domain.Session, domain.Staff) {
	d.t.Helper()
	in, err := d.Enter(d.t.Context(), staff.Entry{Email: d.person.Email, Password: password, Page: true, From: from})
	if err != nil {
		d.t.Fatal(err)
	}
	session, person, _, err := d.AnySession(d.t.Context(), in.Token)
	if err != nil {
		d.t.Fatal(err)
	}
	return session, person
}

// register adds the device's key, and gives the recovery codes.
func (d *desk) register() []string {
	d.t.Helper()
	session, person := d.signIn()
	q, err := d.AskNewPasskey(d.t.Context(), person)
	if err != nil {
		d.t.Fatal(err)
	}
	options, err := virtual.ParseAttestationOptions(string(q.Options))
	if err != nil {
		d.t.Fatal(err)
	}
	codes, err := d.AddPasskey(
		d.t.Context(),
		person,
		session,
		"phone",
		q.Challenge,
		virtual.CreateAttestationResponse(d.site, d.device, d.key, *options),
	)
	if err != nil {
		d.t.Fatal(err)
	}
	d.device.AddCredential(d.key)
	d.clock.Advance(time.Second)
	return codes
}

func (d *desk) answer(q staff.Question) string {
	d.t.Helper()
	options, err := virtual.ParseAssertionOptions(string(q.Options))
	if err != nil {
		d.t.Fatal(err)
	}
	return virtual.CreateAssertionResponse(d.site, d.device, d.key, *options)
}

// question asks for a sign-in by a passkey alone.
func (d *desk) question() staff.Question {
	d.t.Helper()
	q, err := d.AskPasskey(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return q
}

func code(err error) domain.Code {
	if err == nil {
		return ""
	}
	return domain.CodeOf(err)
}

func TestWholeSignIn(t *testing.T) {
	t.Parallel()
	t.Run("a passkey that verified the person lets them in, and each challenge once", func(t *testing.T) {
		t.Parallel()
		d := newDesk(t)
		if codes := d.register(); len(codes) != 10 {
			t.Errorf("%d recovery codes", len(codes))
		}
		older := d.question()
		d.clock.Advance(time.Second)
		q := d.question()
		answer := d.answer(q)
		in, err := d.EnterByPasskey(t.Context(), q.Challenge, answer, from)
		if err != nil || in.Staff.ID != d.person.ID || in.Stage != staff.StageIn {
			t.Fatalf("stage %q: %v", in.Stage, err)
		}
		if session, _, err := d.Session(t.Context(), in.Token); err != nil || session.Methods != staff.ByPasskey {
			t.Errorf("a session by %q: %v", session.Methods, err)
		}
		if _, err := d.EnterByPasskey(t.Context(), q.Challenge, answer, from); code(err) != domain.CodeUnauthenticated {
			t.Errorf("the same answer again: %v", err)
		}
		if _, err := d.EnterByPasskey(t.Context(), older.Challenge, d.answer(older), from); code(
			err,
		) != domain.CodeUnauthenticated {
			t.Errorf("an older challenge: %v", err)
		}
	})
	for name, spoil := range map[string]func(d *desk, q staff.Question) (challenge, answer string){
		"one that did not verify the person": func(d *desk, q staff.Question) (string, string) {
			d.device.Options.UserNotVerified = true
			return q.Challenge, d.answer(q)
		},
		"another site's": func(d *desk, q staff.Question) (string, string) {
			d.site.Origin = "https://points.example.net"
			return q.Challenge, d.answer(q)
		},
		"another key": func(d *desk, q staff.Question) (string, string) {
			d.key = newKey()
			return q.Challenge, d.answer(q)
		},
		"somebody who is nobody": func(d *desk, q staff.Question) (string, string) {
			d.device.Options.UserHandle = []byte("staff:77")
			return q.Challenge, d.answer(q)
		},
		"the answer to another challenge": func(d *desk, q staff.Question) (string, string) { return d.question().Challenge, d.answer(q) },
		"a challenge that is too old": func(d *desk, q staff.Question) (string, string) {
			d.clock.Advance(10 * time.Minute)
			return q.Challenge, d.answer(q)
		},
		"a challenge that was made for something else": func(d *desk, _ staff.Question) (string, string) {
			_, person := d.signIn()
			q, err := d.AskConfirmation(d.t.Context(), person)
			if err != nil {
				d.t.Fatal(err)
			}
			return q.Challenge, d.answer(q)
		},
		"a challenge that somebody made up": func(d *desk, q staff.Question) (string, string) {
			return q.Challenge[:len(q.Challenge)-4] + "AAAA", d.answer(q)
		},
		"somebody who is disabled": func(d *desk, q staff.Question) (string, string) {
			yes := true
			if _, err := d.Change(d.t.Context(), staff.Operator(), d.person.ID,
				staff.Edit{Disabled: &yes}); err != nil {
				d.t.Fatal(err)
			}
			return q.Challenge, d.answer(q)
		},
	} {
		t.Run("refused: "+name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.register()
			challenge, answer := spoil(d, d.question())
			_, err := d.EnterByPasskey(t.Context(), challenge, answer, from)
			expect.Equal(t, "code(err)", code(err), domain.CodeUnauthenticated, err)
			if last := d.memory.Entries()[len(d.memory.Entries())-1]; last.Action != "session.refused" ||
				last.Outcome != domain.OutcomeRefused {
				t.Errorf("recorded %s, %s", last.Action, last.Outcome)
			}
		})
	}
	t.Run(
		"failures are counted for the passkey they speak of, and the person can still use the password",
		func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.register()
			d.device.Options.UserNotVerified = true
			for range staff.DefaultPerEmail {
				q := d.question()
				if _, err := d.EnterByPasskey(t.Context(), q.Challenge, d.answer(q), from); code(
					err,
				) != domain.CodeUnauthenticated {
					t.Fatal(err)
				}
			}
			q := d.question()
			_, err := d.EnterByPasskey(t.Context(), q.Challenge, d.answer(q), from)
			expect.Equal(t, "code(err)", code(err), domain.CodeRateLimited, err)
			d.signIn()
		},
	)
}

func TestSecondFactorAndConfirmation(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.register()
	half, person := d.signIn()
	if d.Stage(person, half) != staff.StageSecondFactor {
		t.Fatalf("stage %q", d.Stage(person, half))
	}
	d.clock.Advance(time.Second)
	q, err := d.AskSecondPasskey(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	d.device.Options.UserNotVerified = true // beside a password a touch is enough
	in, err := d.SecondPasskey(t.Context(), person, half, q.Challenge, d.answer(q), from)
	if err != nil || in.Stage != staff.StageIn {
		t.Fatalf("stage %q: %v", in.Stage, err)
	}
	d.clock.Advance(staff.FreshFor)
	session, person, err := d.Session(t.Context(), in.Token)
	if err != nil || d.Fresh(session) {
		t.Fatalf("fresh after its time: %v", err)
	}
	if q, err = d.AskConfirmation(t.Context(), person); err != nil {
		t.Fatal(err)
	}
	if err := d.Confirm(t.Context(), person, session, staff.Confirmation{Challenge: q.Challenge,
		Answer: d.answer(q)}); err != nil {
		t.Fatal(err)
	}
	if session, _, err = d.Session(t.Context(), in.Token); err != nil || !d.Fresh(session) {
		t.Errorf("not fresh: %v", err)
	}
}

func TestSite(t *testing.T) {
	t.Parallel()
	for address, site := range map[string]string{"https://points.example": "points.example",
		"https://points.example:8443/x": "points.example",
		"http://127.0.0.1:8080":         "localhost", "http://localhost:8080": "localhost", "https://192.0.2.7": "", "": ""} {
		keys, err := passkeys.New(address, "Shop")
		if err != nil || keys.Site() != site {
			t.Errorf("%s: %q, %v; want %q", address, keys.Site(), err, site)
		}
	}
}
