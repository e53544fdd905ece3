package passwords

import (
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"

	"pointbridge/test/expect"
)

func TestArgon2id(t *testing.T) {
	t.Parallel()
	a := Argon2id{}
	one, err := a.Hash("correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	two, err := a.Hash("correct horse battery")
	expect.MustEqual(t, "err", err, nil, two)
	expect.MustThat(t, "one != two", one != two, two, one)
	expect.MustThat(t, `one to begin with "$argon2id$v=19$m=19456,t=2,p=1$"`,
		strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$"), two, one)
	for _, hash := range []string{one, two} {
		if !a.Verify(hash, "correct horse battery") || a.Verify(hash, "correct horse batterz") || a.Verify(hash, "") {
			t.Errorf("%s compares wrongly", hash)
		}
	}
	t.Run("the same letters fit however they were composed", func(t *testing.T) {
		t.Parallel()
		hash, err := a.Hash("パスワード-がぎぐげご")
		if err != nil || !a.Verify(hash, "ハ\u309aスワート\u3099-か\u3099き\u3099く\u3099け\u3099こ\u3099") {
			t.Errorf("they do not: %v", err)
		}
	})
	t.Run("a hash of other settings goes on working", func(t *testing.T) {
		t.Parallel()
		const stored = "$argon2id$v=19$m=64,t=3,p=2$c29tZXNhbHRzb21lc2FsdA$lLvWWPkNAFeeTLnMUTkqBHMORTSHDFeI"
		if !a.Verify(stored, "correct horse battery") || a.Verify(stored, "correct horse") {
			t.Error("it does not")
		}
	})
	t.Run("a hash that an earlier release stored goes on working", func(t *testing.T) {
		t.Parallel()
		const stored = "$argon2id$v=19$m=19456,t=2,p=1$1GqwQ5NgLBVa2bbLf6+Vfw$GGQKU4DfGg118/cZhhYNw1aCnh0PJq7GVcrgwymmZo0"
		if !a.Verify(stored, "パスワード-がぎぐげご") || a.Verify(stored, "パスワード-がぎぐげ") {
			t.Error("it does not")
		}
	})
}

func TestDecoy(t *testing.T) {
	t.Parallel()
	a := Argon2id{}
	p, _, _, err := argon2id.DecodeHash(a.Decoy())
	if err != nil || !sound(a.Decoy()) {
		t.Fatalf("the decoy cannot be read: %v", err)
	}
	made, err := a.Hash("correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if q, _, _, err := argon2id.DecodeHash(made); err != nil || *p != *q {
		t.Fatalf("the decoy %v costs something else than %v, %v", *p, *q, err)
	}
	if a.Verify(a.Decoy(), "") || a.Verify(a.Decoy(), "correct horse battery") {
		t.Error("something fits the decoy")
	}
}

func TestDamagedHashes(t *testing.T) {
	t.Parallel()
	a := Argon2id{}
	good := strings.Split(a.Decoy(), "$")
	change := func(field int, text string) string {
		parts := append([]string{}, good...)
		parts[field] = text
		return strings.Join(parts, "$")
	}
	for _, text := range []string{"", "x", "$2b$10$abc", change(0, "x"), change(1, "argon2i"), change(2, "v=16"),
		change(2, "v=19x"), change(3, "m=99999999,t=2,p=1"), change(3, "m=19456,t=999,p=1"),
		change(3, "m=19456,t=0,p=1"), change(3, "m=19456,t=2,p=0"), change(3, "m=19456"), change(4, "!"), change(4,
			""), change(5, "AAAA"), change(5, "!")} {
		if sound(text) {
			t.Errorf("%q was read", text)
		}
	}
	if a.Verify("damaged", "") {
		t.Error("a damaged hash fits")
	}
}
