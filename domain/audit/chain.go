package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"strconv"
	"strings"
)

// Hash seals a row and, through the hash before it, every row before it.
type Hash [sha256.Size]byte

// String is the hash in small hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Next is the hash of the row that follows: SHA-256 over this hash and the row's canonical text.
func (h Hash) Next(canonical []byte) Hash { return h.nextBy(sha256.New(), canonical) }

// nextBy is Next by a SHA-256 that whoever hashes many rows has made once.
func (h Hash) nextBy(sum hash.Hash, canonical []byte) (next Hash) {
	sum.Reset()
	_, _ = sum.Write(h[:])
	_, _ = sum.Write(canonical)
	sum.Sum(next[:0])
	return next
}

// ParseHash reads 64 hexadecimal digits.
func ParseHash(text string) (Hash, error) {
	var h Hash
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(h) {
		return h, errors.New("a hash is 64 hexadecimal digits")
	}
	copy(h[:], raw)
	return h, nil
}

// Head is a place in the chain. The zero head is before the first row: number 0, and a hash of zeros.
type Head struct {
	Seq  int64
	Hash Hash
}

// String is the head as it is written down: seq:hash.
func (h Head) String() string { return strconv.FormatInt(h.Seq, 10) + ":" + h.Hash.String() }

// ParseHead reads what String wrote.
func ParseHead(text string) (Head, error) {
	number, digits, _ := strings.Cut(strings.TrimSpace(text), ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	sum, sumErr := ParseHash(digits)
	if err != nil || sumErr != nil || seq < 0 {
		return Head{}, errors.New("a head is written as seq:hash, such as 12:6f1e… with 64 hexadecimal digits")
	}
	return Head{Seq: seq, Hash: sum}, nil
}

// Seal chains a row to the head and gives the new one.
func (h Head) Seal(r Row) Head {
	seq := h.Seq + 1
	return Head{Seq: seq, Hash: h.Hash.Next(r.Canonical(seq))}
}
