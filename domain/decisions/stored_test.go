package decisions_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	. "pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/test/expect"
)

// What was stored in the first form must be read for ever. These texts never change.
const (
	storedRequest = `{"format":1,"campaign":"summer","code":"SUMMER-1","stage":"checkout","at":"2026-12-01T12:00:00Z",` +
		`"order_id":"","shown":[{"kind":"email","count":1},{"kind":"ip","count":1}],"currency":"JPY",` +
		`"orders_before":null,"disposable_domain":false}`
	storedFacts = `{"format":1,"campaign":"live","code":"valid","owner":"anybody","blocked":false,"uses":[{"order_id":` +
		`"gid://shopify/Order/B","order":"#B","code":"SUMMER-B","at":"2026-11-30T12:00:00Z","same":["email","ip"],` +
		`"void":false,"allowed":false}],"emails_per_ip":0,"left":0}`
	// storedHeld are facts of rules with conditions and limits.
	storedHeld = `{"format":1,"campaign":"live","code":"valid","owner":"anybody","blocked":false,"uses":[{"order_id":` +
		`"gid://shopify/Order/B","order":"#B","code":"SUMMER-B","at":"2026-11-30T12:00:00Z","same":["ip"],` +
		`"void":false,"allowed":false,"passed":true}],"emails_per_ip":0,"left":0,"held":[{"condition":` +
		`"{\"rule\":\"tags_any\",\"values\":[\"vip\"]}","state":"no"}],"uses_in_all":12,"uses_of_code":0}`
	storedPolicy = `{"version":1,"preset":"medium","mode":"enforce","signals":["email","phone","address"],"alone":` +
		`["email"],"threshold":2,"uses_per_person":1,"currencies":[],"new_customers_only":false,"weak":` +
		`{"disposable_domain":false,"similar_name":false,"within_minutes":0,"emails_per_ip":0},"messages":[]}`
	storedAnswer = `{"outcome":"refuse","reason":"already_used","strong":2,"weak":0,"threshold":2,"matched":1,"signals":` +
		`[{"kind":"email","strength":"decisive","matched":[{"order":"#B","at":"2026-11-30T12:00:00Z","code":` +
		`"SUMMER-B"}]}],"policy_version":1,"enforced":true}`
)

// TestStoredFormStays: what is written now is what was written always, and decides the same.
func TestStoredFormStays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		got  []byte
		want string
	}{
		"request":             {encoded(t, EncodeRequest, asked()), storedRequest},
		"facts":               {encoded(t, EncodeFacts, facts(kinds(identity.IP, identity.Email))), storedFacts},
		"facts of conditions": {encoded(t, EncodeFacts, heldFacts()), storedHeld},
		"policy":              {encoded(t, EncodePolicy, enforced(Medium)), storedPolicy},
	} {
		if string(c.got) != c.want {
			t.Errorf("the %s is written as\n%s\nand was\n%s", name, c.got, c.want)
		}
	}
	p, err := DecodePolicy([]byte(storedPolicy))
	if err != nil {
		t.Fatal(err)
	}
	_, got, err := Again([]byte(storedRequest), []byte(storedFacts), p)
	expect.MustEqual(t, "err", err, nil, got)
	expect.Equal(t, "string(got)", string(got), storedAnswer, got)
}

func heldFacts() Facts {
	f := facts(kinds(identity.IP))
	f.Uses[0].Passed, f.UsesInAll, f.UsesOfCode = true, number(12), number(0)
	f.Held = []Held{{Condition{Need: NeedTagsAny, Values: []string{"vip"}}.ID(), No}}
	return f
}

// TestWhatWasNotStoredIsNotRead: a text that is something else is refused as a whole, and not repeated in the error.
func TestWhatWasNotStoredIsNotRead(t *testing.T) {
	t.Parallel()
	readers := map[string]func([]byte) error{
		storedRequest: func(b []byte) error { _, err := DecodeRequest(b); return err },
		storedHeld:    func(b []byte) error { _, err := DecodeFacts(b); return err },
		storedFacts:   func(b []byte) error { _, err := DecodeFacts(b); return err },
		storedPolicy:  func(b []byte) error { _, err := DecodePolicy(b); return err },
		storedAnswer:  func(b []byte) error { _, err := DecodeAnswer(b); return err },
	}
	foreign := strings.NewReplacer("checkout", "taro@example.com", "live", "x", "medium", "x", "refuse", "x")
	newer := strings.NewReplacer(`"format":1`, `"format":2`, `"version":1`, `"version":0`, "already_used", "x")
	for good, read := range readers {
		if err := read([]byte(good)); err != nil {
			t.Errorf("%v: %s", err, good)
		}
		for name, bad := range map[string]string{
			"nothing":          "",
			"null":             "null",
			"a list":           "[]",
			"two":              good + good,
			"cut":              good[:len(good)-1],
			"one field more":   `{"email":"taro@example.com",` + good[1:],
			"a foreign word":   foreign.Replace(good),
			"another format":   newer.Replace(good),
			"more than stored": good + strings.Repeat(" ", 1<<20),
		} {
			err := read([]byte(bad))
			if !errors.Is(err, ErrStored) || strings.Contains(err.Error(), "taro") {
				t.Errorf("%s: %v of %.80s", name, err, good)
			}
		}
	}
}

// FuzzStored: whatever is taken for a stored request or stored facts can be decided by, and is written so that it is
// read as the same.
func FuzzStored(f *testing.F) {
	f.Add([]byte(storedRequest), []byte(storedFacts), []byte(storedPolicy))
	f.Add([]byte(storedRequest), []byte(storedHeld), []byte(`{"version":1,"preset":"basic","mode":"enforce","threshold":1,`+
		`"signals":["email"],"uses_in_all":3,"conditions":[{"rule":"tags_any","values":["vip"]}]}`))
	f.Add([]byte(`{}`), []byte(`{"format":1,"uses":[{}]}`), []byte(`null`))
	f.Fuzz(func(t *testing.T, request, known, policy []byte) {
		r, err := DecodeRequest(request)
		if err == nil {
			once := encoded(t, EncodeRequest, r)
			back, err := DecodeRequest(once)
			expect.MustEqual(t, "err", err, nil, once)
			expect.MustThat(t, "bytes.Equal(once, encoded(t, EncodeRequest, back))",
				bytes.Equal(once, encoded(t, EncodeRequest, back)), once)
		}
		facts, factsErr := DecodeFacts(known)
		if factsErr == nil {
			once := encoded(t, EncodeFacts, facts)
			back, err := DecodeFacts(once)
			expect.MustEqual(t, "err", err, nil, once)
			expect.MustThat(t, "bytes.Equal(once, encoded(t, EncodeFacts, back))",
				bytes.Equal(once, encoded(t, EncodeFacts, back)), once)
		}
		p, policyErr := DecodePolicy(policy)
		if err != nil || factsErr != nil || policyErr != nil {
			return
		}
		answer := encoded(t, EncodeAnswer, Decide(r, p, facts))
		if _, err := DecodeAnswer(answer); err != nil {
			t.Fatalf("%v: %s", err, answer)
		}
		if _, again, err := Again(request, known, p); err != nil || !bytes.Equal(again, answer) {
			t.Fatalf("%v: %s, and then %s", err, answer, again)
		}
	})
}
