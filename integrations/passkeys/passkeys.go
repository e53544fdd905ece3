// Package passkeys knows browsers' keys (WebAuthn), by go-webauthn.
package passkeys

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"pointbridge/domain/staff"
)

// Keys implements staff.Passkeys.
type Keys struct{ site *webauthn.WebAuthn }

// New binds passkeys to the host of the service's address. Browsers bind none to a bare number; on this machine itself
// localhost stands for it, elsewhere there are no passkeys then.
func New(publicURL, shop string) (*Keys, error) {
	u, err := url.Parse(publicURL)
	if err != nil || u.Hostname() == "" {
		return &Keys{}, nil //nolint:nilerr // without an address nothing can be bound to it
	}
	host, origin := u.Hostname(), u.Scheme+"://"+u.Host
	if ip := net.ParseIP(host); ip != nil {
		if !ip.IsLoopback() {
			return &Keys{}, nil
		}
		host, origin = "localhost", u.Scheme+"://localhost"
		if u.Port() != "" {
			origin += ":" + u.Port()
		}
	}
	site, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: shop, RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementPreferred,
			UserVerification: protocol.VerificationPreferred}})
	if err != nil {
		return nil, fmt.Errorf("passkeys for %s: %w", host, err)
	}
	return &Keys{site: site}, nil
}

// Site implements staff.Passkeys.
func (k *Keys) Site() string {
	if k.site == nil {
		return ""
	}
	return k.site.Config.RPID
}

// owner is a person and their passkeys as the library wants them.
type owner struct {
	staff.PasskeyOwner
	credentials []webauthn.Credential
}

// WebAuthnID implements webauthn.User.
func (o owner) WebAuthnID() []byte { return []byte(o.Handle) }

// WebAuthnName implements webauthn.User.
func (o owner) WebAuthnName() string { return o.Email }

// WebAuthnDisplayName implements webauthn.User.
func (o owner) WebAuthnDisplayName() string { return o.Name }

// WebAuthnCredentials implements webauthn.User.
func (o owner) WebAuthnCredentials() []webauthn.Credential { return o.credentials }

func ownerOf(who staff.PasskeyOwner, have []staff.Passkey) (owner, error) {
	o := owner{PasskeyOwner: who}
	for _, p := range have {
		var c webauthn.Credential
		if err := json.Unmarshal(p.Credential, &c); err != nil {
			return o, fmt.Errorf("read a passkey: %w", err)
		}
		o.credentials = append(o.credentials, c)
	}
	return o, nil
}

// Create implements staff.Passkeys.
func (k *Keys) Create(who staff.PasskeyOwner, have []staff.Passkey) (options, challenge []byte, err error) {
	o, err := ownerOf(who, have)
	if err != nil {
		return nil, nil, err
	}
	creation, session, err := k.site.BeginRegistration(
		o,
		webauthn.WithExclusions(webauthn.Credentials(o.credentials).CredentialDescriptors()),
	)
	if err != nil {
		return nil, nil, fmt.Errorf("ask for a passkey: %w", err)
	}
	return both(creation.Response, session)
}

// Created implements staff.Passkeys.
func (k *Keys) Created(who staff.PasskeyOwner, challenge, answer []byte) (staff.Passkey, error) {
	var session webauthn.SessionData
	if err := json.Unmarshal(challenge, &session); err != nil {
		return staff.Passkey{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return staff.Passkey{}, plain(err)
	}
	made, err := k.site.CreateCredential(owner{PasskeyOwner: who}, session, parsed)
	if err != nil {
		return staff.Passkey{}, plain(err)
	}
	return stored(staff.Passkey{}, *made)
}

// Ask implements staff.Passkeys. One that is to do alone has to know the person, by a finger, a face or a PIN.
func (k *Keys) Ask(who staff.PasskeyOwner, have []staff.Passkey) (options, challenge []byte, err error) {
	if len(have) == 0 {
		assertion, session, err := k.site.BeginDiscoverableLogin(
			webauthn.WithUserVerification(protocol.VerificationRequired),
		)
		if err != nil {
			return nil, nil, fmt.Errorf("ask for a passkey: %w", err)
		}
		return both(assertion.Response, session)
	}
	o, err := ownerOf(who, have)
	if err != nil {
		return nil, nil, err
	}
	assertion, session, err := k.site.BeginLogin(o)
	if err != nil {
		return nil, nil, fmt.Errorf("ask for a passkey: %w", err)
	}
	return both(assertion.Response, session)
}

// Who implements staff.Passkeys.
func (k *Keys) Who(answer []byte) (handle string, credentialID []byte, err error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return "", nil, plain(err)
	}
	return string(parsed.Response.UserHandle), parsed.RawID, nil
}

// Answered implements staff.Passkeys.
func (k *Keys) Answered(
	who staff.PasskeyOwner,
	have []staff.Passkey,
	challenge, answer []byte,
) (used staff.Passkey, verified bool, err error) {
	var session webauthn.SessionData
	if err := json.Unmarshal(challenge, &session); err != nil {
		return used, false, err
	}
	o, err := ownerOf(who, have)
	if err != nil {
		return used, false, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return used, false, plain(err)
	}
	shown, err := k.check(o, session, parsed)
	if err != nil {
		return used, false, plain(err)
	}
	if shown.Authenticator.CloneWarning {
		return used, false, errors.New("the passkey's counter went back: it may have been copied")
	}
	for _, p := range have {
		if bytes.Equal(p.CredentialID, shown.ID) {
			used, err = stored(p, *shown)
			return used, parsed.Response.AuthenticatorData.Flags.HasUserVerified(), err
		}
	}
	return used, false, errors.New("the passkey is not the person's")
}

func (k *Keys) check(
	o owner,
	session webauthn.SessionData,
	parsed *protocol.ParsedCredentialAssertionData,
) (*webauthn.Credential, error) {
	if len(session.UserID) > 0 {
		return k.site.ValidateLogin(o, session, parsed)
	}
	_, shown, err := k.site.ValidatePasskeyLogin(
		func(_, _ []byte) (webauthn.User, error) { return o, nil },
		session,
		parsed,
	)
	return shown, err
}

func stored(p staff.Passkey, c webauthn.Credential) (staff.Passkey, error) {
	raw, err := json.Marshal(c)
	p.CredentialID, p.Credential = c.ID, raw
	return p, err
}

// both writes what the browser gets, and what stays with us until it answers.
func both(options any, session *webauthn.SessionData) ([]byte, []byte, error) {
	shown, err := json.Marshal(options)
	if err != nil {
		return nil, nil, err
	}
	kept, err := json.Marshal(session)
	return shown, kept, err
}

// plain words the library's refusal for the log: its own text leaves out what was wrong.
func plain(err error) error {
	var detailed *protocol.Error
	if errors.As(err, &detailed) {
		return fmt.Errorf("%s: %s", detailed.Type, detailed.DevInfo)
	}
	return err
}
