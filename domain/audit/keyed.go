package audit

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
)

// Keyed is what makes a seal one that only the holder of a key can have made. The zero value is a seal without a key,
// as all were once.
type Keyed struct {
	// Key names the key.
	Key string
	// From is the number of the chain's first keyed seal. Every keyed seal says it under its key, so that nobody can
	// strip seals of theirs and call the rows older than the key.
	From int64
	MAC  Hash
}

// Tip is the end of the chain with what authenticates it.
type Tip struct {
	Head
	Keyed
}

const (
	keyIDDigits = 12
	keyLabel    = "pointbridge audit seals v1"
	idLabel     = "pointbridge audit seals v1 key id"
	macLabel    = "pointbridge audit seal v1"
)

// Key makes keyed seals. Its ID tells keys apart and nothing about them.
type Key struct {
	ID  string
	key []byte
}

// NewKey derives a key from a secret: never the secret itself is used, which may serve other purposes as well.
func NewKey(secret string) Key {
	return Key{ID: hex.EncodeToString(derive(secret, idLabel, keyIDDigits/2)), key: derive(secret, keyLabel,
		sha256.Size)}
}

func derive(secret, label string, length int) []byte {
	out, err := hkdf.Key(sha256.New, []byte(secret), nil, label, length)
	if err != nil {
		panic(err) // lengths above 255 hashes only
	}
	return out
}

// Mark makes the keyed part of the seal at a head. The head's hash covers its row and every row before it, so this
// does.
func (k Key) Mark(h Head, from int64) Keyed { return k.marker().mark(h, from) }

// marker makes the keyed parts of many seals: the key is worked in once.
type marker struct {
	id   string
	mac  hash.Hash
	text []byte
}

func (k Key) marker() *marker { return &marker{id: k.ID, mac: hmac.New(sha256.New, k.key)} }

func (m *marker) mark(h Head, from int64) Keyed {
	m.text = append(append(append(append(m.text[:0], macLabel...), '\n'), m.id...), '\n')
	m.text = append(strconv.AppendInt(m.text, from, 10), '\n')
	m.text = append(strconv.AppendInt(m.text, h.Seq, 10), ':')
	m.text = hex.AppendEncode(m.text, h.Hash[:])
	m.mac.Reset()
	_, _ = m.mac.Write(m.text)
	marked := Keyed{Key: m.id, From: from}
	m.mac.Sum(marked.MAC[:0])
	return marked
}

// made reports whether this key made the seal.
func (m *marker) made(h Head, marked Keyed) bool {
	want := m.mark(h, marked.From)
	return hmac.Equal(want.MAC[:], marked.MAC[:])
}

// Keys are the key that seals now and those that did before. Nil: there is none, seals are plain, and nothing can be
// said about who made them.
type Keys struct {
	Current Key
	before  []Key
}

// NewKeys makes the keys of the secret in use and of those before it.
func NewKeys(current string, before ...string) *Keys {
	k := &Keys{Current: NewKey(current)}
	for _, secret := range before {
		if secret != "" {
			k.before = append(k.before, NewKey(secret))
		}
	}
	return k
}

// Knows reports whether a key is one of these.
func (k *Keys) Knows(id string) bool {
	_, known := k.find(id)
	return known
}

func (k *Keys) find(id string) (Key, bool) {
	for _, key := range append([]Key{k.Current}, k.before...) {
		if key.ID == id {
			return key, true
		}
	}
	return Key{}, false
}

// After seals a row behind the tip.
func (k *Keys) After(t Tip, r Row) Tip {
	next := Tip{Head: t.Seal(r)}
	if k == nil {
		return next
	}
	from := t.From
	if from == 0 {
		from = next.Seq
	}
	next.Keyed = k.Current.Mark(next.Head, from)
	return next
}
