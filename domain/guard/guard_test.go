package guard

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pointbridge/domain/identity"
	"pointbridge/test/expect"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// TestSipHash is held against the vectors of its paper: the key 00 to 0f, and texts of 0, 1, 8 and 15 bytes.
func TestSipHash(t *testing.T) {
	t.Parallel()
	var key Key
	text := ""
	for i := range key {
		key[i] = byte(i)
	}
	want := map[int]uint64{0: 0x726fdb47dd0e0e31, 1: 0x74f839c593dc67fd, 8: 0x93f5f5799a932462, 15: 0xa129ca6149be45e5}
	for i := range 16 {
		if w, asked := want[i]; asked {
			expect.Equal(t, fmt.Sprintf("SipHash of %d bytes", i), sip(key, text), w)
		}
		text += string(rune(i))
	}
}

// TestFormsOfMailAndPhone: what the Function compares is a part of what counts as the same elsewhere. Two spellings
// that have one form here are one mailbox there as well.
func TestFormsOfMailAndPhone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"A.B+c@Gmail.com ": "eab@gmail.com", "ab@googlemail.com": "eab@gmail.com",
		"A.B+c@Example.com": "ea.b+c@example.com", "a..b@docomo.ne.jp": "ea..b@docomo.ne.jp", "+x@gmail.com": "",
		"...@gmail.com":  "",
		"ａb@example.com": "", "a@b@c": "", "@x": "", "x@": "", "a b@example.com": "", "": "", "a\x00@example.com": "",
		strings.Repeat("a", 310) + "@example.com": ""} {
		expect.Equal(t, "MailForm("+text+")", MailForm(text), want)
	}
	for text, want := range map[string]string{"+819012345678": "p819012345678", "+81 (90) 1234-5678": "p819012345678",
		"090-1234-5678": "", "+8190": "", "+1234567890123456": "", "+81x012345678": "", "": "", "+": ""} {
		expect.Equal(t, "PhoneForm("+text+")", PhoneForm(text), want)
	}
	rapid.Check(t, func(t *rapid.T) {
		spelling := rapid.StringMatching(`[aA]{1,2}[.+]?[bB]?[.+]?@(gmail\.com|Googlemail\.com|example\.com|proton\.me)`)
		a, b := spelling.Draw(t, "a"), spelling.Draw(t, "b")
		wide := func(text string) string {
			return strings.Join((identity.Canonical{}).Forms(identity.Shown{Emails: []string{text}})[identity.Email], ",")
		}
		if MailForm(a) != "" && MailForm(a) == MailForm(b) && wide(a) != wide(b) {
			t.Fatalf("%q and %q are one here and two there", a, b)
		}
	})
}

func aShop() Shop {
	texts := Texts{Paused: "paused", Blocked: "blocked", Used: "used", One: "one"}
	return Shop{Key: Key{1, 2, 3}, Default: "JA", Texts: map[string]Texts{"JA": texts, "EN": texts}, Families: []Family{
		{Key: "summer", Prefix: "SUMMER-", Used: []Seen{{Mark: 0xffffffff, At: noon}, {Mark: 1, At: noon.Add(time.Hour)}},
			Blocked: []Seen{{Mark: 7, At: noon}}},
		{Key: "vip", Prefix: "VIP", Paused: true}}}
}

// TestTheMetafieldsAreWrittenInOneForm: the Function in the shop may be older than the service, so the form stays.
func TestTheMetafieldsAreWrittenInOneForm(t *testing.T) {
	t.Parallel()
	shop, left, err := aShop().Encode()
	expect.MustThat(t, "err == nil && left == 0", err == nil && left == 0, err, left)
	own, err := Customer{Used: []string{"vip", "summer"}}.Encode()
	expect.MustEqual(t, "err", err, nil)
	for name, got := range map[string][]byte{"shop": shop, "customer": own} {
		want, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, name, string(got), strings.TrimSpace(string(want)))
	}
}

// TestTheNewestMarksOfAllFamiliesAreIn as far as there is room, sorted, and never more bytes than a Function may read.
func TestTheNewestMarksOfAllFamiliesAreIn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		shop := aShop()
		shop.Families = nil
		families, marks := rapid.IntRange(0, 60).Draw(t, "families"), rapid.IntRange(0, 80).Draw(t, "marks")
		text := rapid.IntRange(0, 600).Draw(t, "text")
		shop.Texts["EN"] = Texts{One: strings.Repeat("x", text), Used: strings.Repeat("<", text/6)}
		all := 0
		for i := range families {
			f := Family{Key: fmt.Sprintf("%s%02d", strings.Repeat("k", 38), i), Prefix: fmt.Sprintf("%s%02d",
				strings.Repeat("P", 18), i)}
			for j := range marks {
				f.Used = append(f.Used, Seen{Mark: Mark(i*1000 + j), At: noon.Add(time.Duration(j) * time.Minute)})
				all++
			}
			shop.Families = append(shop.Families, f)
		}
		value, left, err := shop.Encode()
		if err != nil || len(value) > MaxBytes {
			t.Fatalf("%d bytes, %v", len(value), err)
		}
		var made shopValue
		if err := json.Unmarshal(value, &made); err != nil || len(made.Families) > MaxFamilies {
			t.Fatalf("%d families, %v", len(made.Families), err)
		}
		in, oldest := 0, map[int]bool{}
		for _, f := range made.Families {
			raw, err := base64.RawStdEncoding.DecodeString(f.Used)
			if err != nil || len(raw)%4 != 0 {
				t.Fatalf("%q, %v", f.Used, err)
			}
			in += len(raw) / 4
			oldest[marks-len(raw)/4] = true
		}
		out := families - len(made.Families)
		if left != out+len(made.Families)*marks-in || in > MaxMarks {
			t.Fatalf("%d marks are in, of %d, and %d are said to be left out", in, all, left)
		}
		if len(oldest) > 2 { // all families have marks of the same minutes: the cut is at one minute
			t.Fatalf("the cut differs: %v", oldest)
		}
	})
}

// TestOneMarkMoreThanThereMayBe is the oldest, and is left out.
func TestOneMarkMoreThanThereMayBe(t *testing.T) {
	t.Parallel()
	var seen []Seen
	for i := range MaxMarks + 1 {
		seen = append(seen, Seen{Mark: Mark(i), At: noon.Add(-time.Duration(i) * time.Second)})
	}
	slices.Reverse(seen)
	shop := aShop()
	shop.Families = []Family{{Key: "summer", Prefix: "SUMMER-", Used: append(seen, Seen{Mark: 5, At: noon})}}
	value, left, err := shop.Encode()
	var made shopValue
	expect.MustThat(t, "the value to be read", err == nil && json.Unmarshal(value, &made) == nil, err)
	raw, err := base64.RawStdEncoding.DecodeString(made.Families[0].Used)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "left", left, 1)
	expect.Equal(t, "marks", len(raw), 4*MaxMarks)
	expect.Equal(t, "the last", raw[len(raw)-2], byte((MaxMarks-1)>>8))
}

// TestAKeyIsInNoText that a log could show.
func TestAKeyIsInNoText(t *testing.T) {
	t.Parallel()
	key := Key{0xab, 0xcd}
	for _, text := range []string{fmt.Sprint(key), fmt.Sprintf("%#v", key), fmt.Sprintf("%+v", aShop())} {
		if strings.Contains(text, "abcd") || strings.Contains(text, "171 205") || strings.Contains(text, "1 2 3") {
			t.Errorf("it stands in %s", text)
		}
	}
}
