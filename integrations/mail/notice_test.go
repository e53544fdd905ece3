package mail_test

import (
	"strings"
	"testing"
	"time"

	"pointbridge/domain/staff"
	"pointbridge/templates"
)

func TestNotices(t *testing.T) {
	t.Parallel()
	m, box, _ := start(t, nil)
	id, seen := int64(0), map[string]bool{}
	for _, locale := range templates.Locales() {
		for kind, what := range map[staff.NoticeKind]string{staff.NoticePassword: "", staff.NoticeTOTPOn: "",
			staff.NoticeTOTPOff: "", staff.NoticePasskeyOn: "My laptop", staff.NoticePasskeyOff: "",
			staff.NoticeReset: "", staff.NoticeRecovery: "", staff.NoticeToken: "nightly report",
			staff.NoticeKey: "POS 3", staff.NoticeEmail: "new@example.com", staff.NoticeNewDevice: "Firefox, Windows",
			staff.NoticeCampaigns: "Flash sale (2026-05-03 21:00)", staff.NoticeRole: "ec_admin"} {
			id++
			n := staff.Notice{
				ID:      id,
				To:      "mori@example.com",
				Name:    "Mori <Akiko>",
				Locale:  locale,
				Kind:    kind,
				By:      "Okada Yui",
				What:    what,
				Address: "192.0.2.7",
				At:      time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
			}
			if err := m.SendNotice(t.Context(), n); err != nil {
				t.Fatalf("%s in %s: %v", kind, locale, err)
			}
			got := box.Messages()[0]
			wanted := []string{"2026", "21:00", "Okada Yui", "さくら商店"}
			if kind == staff.NoticeCampaigns { // it is about no account, and nobody did anything
				wanted = []string{"2026", "さくら商店"}
			}
			if kind != staff.NoticeRole {
				wanted = append(wanted, what)
			} else {
				wanted = append(wanted, map[string]string{"en": "EC admin", "ja": "EC管理者"}[locale])
			}
			for _, part := range []string{got.Text, got.HTML} {
				for _, text := range wanted {
					if !strings.Contains(part, text) {
						t.Errorf("%s in %s: %q is missing in %s", kind, locale, text, part)
					}
				}
				if strings.Contains(part, "{{") || strings.Contains(part, "no value") {
					t.Errorf("%s in %s: a gap in %s", kind, locale, part)
				}
			}
			if got.Subject == "" || got.To != n.To || strings.Contains(got.HTML, "<Akiko>") ||
				!strings.Contains(got.Text, "Mori <Akiko>") {
				t.Errorf("%s in %s: %q to %s", kind, locale, got.Subject, got.To)
			}
			seen[got.Text] = true
		}
	}
	if len(seen) != int(id) {
		t.Errorf("%d notices in %d texts: some say the same", id, len(seen))
	}
}
