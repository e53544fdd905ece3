package guard

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"strings"

	"pointbridge/domain/identity"
)

// Key is what marks are made with. It is in the shop's metafield as well, because the Function has to make marks; so it
// is a key of its own, and the digests of the database are made with another one.
type Key [16]byte

// Mark stands for an e-mail address or a phone number: the lower half of SipHash-2-4 of its form.
type Mark uint32

// Marks gives the marks of what an order shows: of the addresses as they were typed, and of numbers in international
// form. Those of other kinds have none. Each mark is there once.
func (k Key) Marks(emails, phones []string) map[identity.Kind][]Mark {
	marks := map[identity.Kind][]Mark{}
	add := func(kind identity.Kind, texts []string, form func(string) string) {
		seen := map[Mark]bool{}
		for _, text := range texts {
			if f := form(text); f != "" && !seen[k.of(f)] {
				seen[k.of(f)] = true
				marks[kind] = append(marks[kind], k.of(f))
			}
		}
	}
	add(identity.Email, emails, MailForm)
	add(identity.Phone, phones, PhoneForm)
	return marks
}

// String keeps the key out of logs and error texts; Hex writes it out.
func (k Key) String() string { return "guard key" }

// GoString does so for %#v.
func (k Key) GoString() string { return k.String() }

// Hex is the key as the metafield has it.
func (k Key) Hex() string { return hex.EncodeToString(k[:]) }

func (k Key) of(form string) Mark { return Mark(sip(k, form)) }

// longestMail is how long an address may be that has a mark.
const longestMail = 320

// MailForm is what of an address the Function compares. It has no list of mail providers, so it knows the rules of one:
// capitals never count, and at Gmail neither do dots and what follows a plus. An address with a letter outside ASCII,
// or without the form name@domain, has none; nor is anything else that identity.Canonical folds folded here.
// extensions/pointbridge-guard/assembly/person.ts has the same rules.
func MailForm(text string) string {
	text = strings.Trim(text, " ")
	if len(text) > longestMail || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	local, host, found := strings.Cut(asciiLower(text), "@")
	if !found || local == "" || host == "" || strings.Contains(host, "@") {
		return ""
	}
	if host == "gmail.com" || host == "googlemail.com" {
		local, _, _ = strings.Cut(local, "+")
		local, host = strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	if local == "" {
		return ""
	}
	return "e" + local + "@" + host
}

func asciiLower(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

// PhoneForm is what of a number in international form the Function compares: its digits, of which there are 8 to 15.
func PhoneForm(text string) string {
	digits, international := strings.CutPrefix(text, "+")
	if !international {
		return ""
	}
	digits = strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -().", r) {
			return -1
		}
		return r
	}, digits)
	foreign := func(r rune) bool { return r < '0' || r > '9' }
	if len(digits) < 8 || len(digits) > 15 || strings.ContainsFunc(digits, foreign) {
		return ""
	}
	return "p" + digits
}

// sip is SipHash-2-4 (Aumasson and Bernstein, 2012), which is short enough for the Function to have it too.
func sip(key Key, text string) uint64 {
	k0, k1 := binary.LittleEndian.Uint64(key[:]), binary.LittleEndian.Uint64(key[8:])
	v := [4]uint64{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573}
	block := func(m uint64) {
		v[3] ^= m
		sipRound(&v)
		sipRound(&v)
		v[0] ^= m
	}
	whole := len(text) / 8 * 8
	for i := 0; i < whole; i += 8 {
		block(binary.LittleEndian.Uint64([]byte(text[i : i+8])))
	}
	last := uint64(len(text)) << 56
	for i := whole; i < len(text); i++ {
		last |= uint64(text[i]) << (8 * (i - whole))
	}
	block(last)
	v[2] ^= 0xff
	for range 4 {
		sipRound(&v)
	}
	return v[0] ^ v[1] ^ v[2] ^ v[3]
}

func sipRound(v *[4]uint64) {
	v[0] += v[1]
	v[1] = bits.RotateLeft64(v[1], 13) ^ v[0]
	v[0] = bits.RotateLeft64(v[0], 32)
	v[2] += v[3]
	v[3] = bits.RotateLeft64(v[3], 16) ^ v[2]
	v[0] += v[3]
	v[3] = bits.RotateLeft64(v[3], 21) ^ v[0]
	v[2] += v[1]
	v[1] = bits.RotateLeft64(v[1], 17) ^ v[2]
	v[2] = bits.RotateLeft64(v[2], 32)
}
