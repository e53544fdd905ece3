package identity

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// spellings is a table of mail addresses by provider: the lines of a group are one mailbox, and groups are different
// ones.
var spellings = map[string][][]string{
	"Gmail": {
		{"ab@gmail.com", "a.b@gmail.com", "A.B@Gmail.com", "ab+shop@gmail.com", "a.b+x+y@googlemail.com",
			"ab@googlemail.com", " ab@gmail.com ", "ａｂ＠ｇｍａｉｌ．ｃｏｍ", "a\u200bb@gmail.com", "ab@gmail.com.",
			"a..b@gmail.com", "a.b.@gmail.com"},
		{"a-b@gmail.com"}, {"a_b@gmail.com"}, {"abc@gmail.com"},
	},
	"Outlook.com": {
		{"a.b@outlook.com", "a.b+shop@outlook.com", "A.B@OUTLOOK.COM"},
		{"ab@outlook.com", "ab+1@outlook.com"},
		{"ab@hotmail.com", "ab+1@hotmail.com"},
		{"a.b@live.com"}, {"ab@live.com"}, {"ab@msn.com"},
		{"ab@hotmail.co.jp", "ab+1@hotmail.co.jp"}, {"ab@outlook.jp", "ab+1@outlook.jp"},
		{"ab@live.jp", "ab+1@live.jp"}, {"a-b@outlook.com"},
	},
	"iCloud Mail": {
		{"ab@icloud.com", "ab@me.com", "ab@mac.com", "ab+x@icloud.com", "AB+y@me.com"},
		{"a.b@icloud.com", "a.b@me.com"}, {"a-b@icloud.com"}, {"a_b@icloud.com"},
	},
	"Proton Mail": {
		{"ab@proton.me", "a.b@proton.me", "a-b@protonmail.com", "a_b@pm.me", "ab+shop@pm.me", "A.B@ProtonMail.ch"},
		{"abc@proton.me"},
	},
	"Fastmail": {
		{"ab@fastmail.com", "ab+shop@fastmail.com", "shop@ab.fastmail.com", "Other@AB.fastmail.com"},
		{"a.b@fastmail.com"}, {"ab@fastmail.fm", "x@ab.fastmail.fm"},
	},
	"Yahoo": {
		{"taro-shop@yahoo.com", "taro-mail@yahoo.com", "Taro-a-b@yahoo.com"},
		{"taro@yahoo.com"}, {"ta.ro@yahoo.com"}, {"taro+x@yahoo.com"}, {"taro_shop@yahoo.com"},
		{"taro-shop@ymail.com"}, {"taro-shop@yahoo.fr"},
	},
	"Yahoo! JAPAN": {
		{"taro-shop@yahoo.co.jp", "taro-mail@yahoo.co.jp"},
		{"taro@yahoo.co.jp"}, {"ta.ro@yahoo.co.jp"}, {"taro+x@yahoo.co.jp"},
	},
	"Japanese mobile carriers": {
		{"a..b@docomo.ne.jp", `"a..b"@docomo.ne.jp`, "Ａ..Ｂ@docomo.ne.jp"},
		{"a.b@docomo.ne.jp"}, {"ab@docomo.ne.jp"}, {"ab.@docomo.ne.jp", `"ab."@docomo.ne.jp`}, {".ab@docomo.ne.jp"},
		{"-ab@ezweb.ne.jp"}, {"ab@ezweb.ne.jp"}, {"ab@au.com"}, {"a+b@softbank.ne.jp"}, {"a/b?c@ezweb.ne.jp"},
		{"ab@d.vodafone.ne.jp"}, {"ab@t.vodafone.ne.jp"},
	},
	"others": {
		{"a.b@example.com", "A.B@Example.COM"}, {"ab@example.com"}, {"ab+x@example.com"}, {"ab-x@example.com"},
		{"a_b@example.com"}, {"ab@mail.example.com"}, {"ab@notgmail.com"}, {"a.b@gmail.com.example.com"},
		{"ab@mail.gmail.com"},
	},
}

// covers: 001-02, 002-06, 002-07, 003-01, 003-02, T-07
func TestTheSameMailboxHasOneKeyPerProvider(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for provider, groups := range spellings {
		for _, group := range groups {
			key := email(group[0], nil)
			if key == "" {
				t.Fatalf("%s: %q is no address", provider, group[0])
			}
			if other, taken := seen[key]; taken {
				t.Errorf("%q and %q are different mailboxes and have one key", group[0], other)
			}
			seen[key] = group[0]
			for _, spelling := range group {
				if got := email(spelling, nil); got != key {
					t.Errorf("%s: %q is %q, but %q is %q", provider, spelling, got, group[0], key)
				}
			}
		}
	}
}

func TestWhatIsNoAddressIsNoSignal(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " ", "@", "a@", "@gmail.com", "+x@gmail.com", "...@gmail.com", "-x@yahoo.com",
		"._-@proton.me", "a b@example.com", "Taro <a@example.com>", "a@example.com, b@example.com", "a@localhost",
		"a@[192.0.2.1]", "a@192.0.2.1", "a@.com", "a@example..com", "090-1234-5678", "a@exam\x00ple.com"} {
		if got := email(text, nil); got != "" {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}

// TestEveryProviderNamesItsSource keeps guesses out of the table, and each domain with one provider.
func TestEveryProviderNamesItsSource(t *testing.T) {
	t.Parallel()
	domains := map[string]string{}
	for _, p := range providers {
		if !strings.Contains(p.source, "http") {
			t.Errorf("%s names no source", p.name)
		}
		if _, tabled := spellings[p.name]; !tabled {
			t.Errorf("%s has no line in the table of the test", p.name)
		}
		for _, host := range p.domains {
			if other, taken := domains[host]; taken {
				t.Errorf("%s is %s's and %s's", host, p.name, other)
			}
			domains[host] = p.name
		}
	}
}

func TestAnInternationalDomainHasOneSpelling(t *testing.T) {
	t.Parallel()
	ascii := func(name string) string {
		return map[string]string{"日本語.jp": "xn--wgv71a119e.jp", "xn--wgv71a119e.jp": "xn--wgv71a119e.jp"}[name]
	}
	want := "taro@xn--wgv71a119e.jp"
	for _, text := range []string{"taro@日本語.jp", "taro@日本語。jp", "Taro@xn--wgv71a119e.JP"} {
		if got := email(text, ascii); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if got := email("taro@unreadable.example", ascii); got != "" {
		t.Errorf("a domain that cannot be one is read as %q", got)
	}
}

// anAddress draws mail addresses of every provider and of none.
func anAddress() *rapid.Generator[string] {
	hosts := []string{"example.com", "shop.example", "x.fastmail.com"}
	for _, p := range providers {
		hosts = append(hosts, p.domains...)
	}
	return rapid.Custom(func(t *rapid.T) string {
		local := rapid.StringMatching(`[a-zA-Z0-9.+_-]{1,12}`).Draw(t, "local")
		return local + "@" + rapid.SampledFrom(hosts).Draw(t, "host")
	})
}

// covers: 003-01
func TestTheKeyOfAKeyIsItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		once := email(anAddress().Draw(t, "address"), nil)
		if again := email(once, nil); again != once {
			t.Fatalf("%q became %q", once, again)
		}
	})
}

// TestNoRuleOfAnotherProviderIsApplied changes the local part in one way and compares with what the table says of the
// provider.
//
// covers: 003-01, T-07
func TestNoRuleOfAnotherProviderIsApplied(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		nobody := provider{domains: []string{"example.com"}}
		p := rapid.SampledFrom(append(slices.Clone(providers), nobody)).Draw(t, "provider")
		host := "@" + rapid.SampledFrom(p.domains).Draw(t, "host")
		local := rapid.StringMatching(`[a-z][a-z0-9]{2,8}`).Draw(t, "local")
		at := rapid.IntRange(1, len(local)-1).Draw(t, "at")
		sign := rapid.SampledFrom([]string{".", "-", "_", "+"}).Draw(t, "sign")
		same := email(local+host, nil) == email(local[:at]+sign+local[at:]+host, nil)
		if want := strings.Contains(p.ignored, sign); same != want {
			t.Fatalf("%s%s with %q at %d: the same is %v, want %v", local, host, sign, at, same, want)
		}
		tagged := email(local+host, nil) == email(local+sign+"tag"+host, nil)
		if want := sign == p.tag; tagged != want {
			t.Fatalf("%s%s with %qtag: the same is %v, want %v", local, host, sign, tagged, want)
		}
	})
}

func FuzzEmail(f *testing.F) {
	for _, groups := range spellings {
		for _, group := range groups {
			f.Add(group[0])
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		forms := Canonical{}.Forms(Shown{Emails: []string{text}})[Email]
		for _, form := range forms {
			if again := email(form, nil); again != form {
				t.Errorf("%q is %q and that is %q", text, form, again)
			}
			if strings.Count(form, "@") < 1 || !shown(form) {
				t.Errorf("%q is read as %q", text, form)
			}
		}
	})
}
