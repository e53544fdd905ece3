package staff

import (
	"context"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
)

// NoticeKind is what somebody is told of.
type NoticeKind string

// The kinds. The strings are stored and never change.
const (
	NoticePassword   NoticeKind = "password"
	NoticeTOTPOn     NoticeKind = "totp_on"
	NoticeTOTPOff    NoticeKind = "totp_off"
	NoticePasskeyOn  NoticeKind = "passkey_on"
	NoticePasskeyOff NoticeKind = "passkey_off"
	NoticeReset      NoticeKind = "second_factor_reset"
	NoticeRecovery   NoticeKind = "recovery"
	NoticeToken      NoticeKind = "token"
	NoticeKey        NoticeKind = "key"
	NoticeRole       NoticeKind = "role"
	NoticeEmail      NoticeKind = "email"
	NoticeNewDevice  NoticeKind = "new_device"
	// NoticeCampaigns is about no account: campaigns end soon.
	NoticeCampaigns NoticeKind = "campaigns"
	// NoticeDigest is about no account either: something waits for a decision. What has the counts; see
	// notifications.Read.
	NoticeDigest NoticeKind = "digest"
)

// Notice is a mail to somebody of the staff: something of theirs changed, or something of the shop is about to.
type Notice struct {
	ID      int64
	StaffID int64
	// To is the address it goes to, which may be one that the person no longer has.
	To, Name, Locale string
	Kind             NoticeKind
	// By is who did it, where it was somebody else.
	By string
	// What is the figure of its kind: a token's name, the new role, the new address, the device. Address is the
	// network's.
	What, Address string
	At            time.Time
}

func noticeTo(p domain.Staff, kind NoticeKind, by, what string, at time.Time) Notice {
	return Notice{StaffID: p.ID, To: p.Email, Name: p.Name, Locale: p.Locale, Kind: kind, By: by, What: what, At: at}
}

// NoticesOf says what a person has to be told of a change to their account, whichever way it came about. entry is the
// change as it is in the audit.
func NoticesOf(before, after domain.Staff, entry domain.AuditEntry) []Notice {
	by := ""
	if entry.Actor != before.Caller().ID {
		by = entry.ActorName
	}
	var list []Notice
	tell := func(changed bool, kind NoticeKind, what string) {
		if changed {
			list = append(list, noticeTo(before, kind, by, what, entry.At))
		}
	}
	reset := entry.Action == domain.ActionStaffSecondFactorReset
	tell(before.PasswordHash != after.PasswordHash, NoticePassword, "")
	tell(reset, NoticeReset, "")
	tell(before.TOTP == "" && after.TOTP != "", NoticeTOTPOn, "")
	tell(before.TOTP != "" && after.TOTP == "" && !reset, NoticeTOTPOff, "")
	tell(before.Passkeys < after.Passkeys, NoticePasskeyOn, textIn(entry, "name"))
	tell(before.Passkeys > after.Passkeys && !reset, NoticePasskeyOff, "")
	tell(entry.Action == domain.ActionStaffRecoveryRenewed, NoticeRecovery, "")
	tell(before.Role != after.Role, NoticeRole, string(after.Role))
	if before.Email != after.Email {
		tell(true, NoticeEmail, after.Email)
		list = append(list, noticeTo(after, NoticeEmail, by, after.Email, entry.At))
	}
	return list
}

func textIn(e domain.AuditEntry, name string) string {
	text, _ := e.Detail[name].(string)
	return text
}

// NoticeOfToken tells a person of a token of theirs, NoticeOfKey tells whoever made one of a program's key.
func NoticeOfToken(owner domain.Staff, entry domain.AuditEntry, name string) Notice {
	by := ""
	if entry.Actor != owner.Caller().ID {
		by = entry.ActorName
	}
	return noticeTo(owner, NoticeToken, by, name, entry.At)
}

// NoticeOfKey is described at NoticeOfToken.
func NoticeOfKey(maker domain.Staff, name string, at time.Time) Notice {
	return noticeTo(maker, NoticeKey, "", name, at)
}

// StaffIDOf returns the person that a caller is, if it is one.
func StaffIDOf(c domain.Caller) (int64, bool) {
	number, ok := strings.CutPrefix(c.ID, "staff:")
	id, err := strconv.ParseInt(number, 10, 64)
	return id, ok && err == nil
}

// Postman sends one mail. Its errors are *domain.UpstreamError.
type Postman interface {
	SendNotice(ctx context.Context, n Notice) error
}

// Notifier sends notices that wait.
type Notifier struct {
	Notices Notices
	Postman Postman
}

// SendNotice sends a notice and forgets it: what it told of stands in the audit. One that was sent and not forgotten
// is sent again, recognisably the same mail.
func (n Notifier) SendNotice(ctx context.Context, ref string) error {
	id, err := strconv.ParseInt(ref, 10, 64)
	if err != nil {
		return nil // nothing can be behind it
	}
	notice, err := n.Notices.Notice(ctx, id)
	if domain.CodeOf(err) == domain.CodeNotFound && err != nil {
		return nil
	}
	if err != nil {
		return err
	}
	if err := n.Postman.SendNotice(ctx, notice); err != nil {
		return err
	}
	return n.Notices.ForgetNotice(ctx, id)
}
