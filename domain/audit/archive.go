package audit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
)

const archiveLabel = "pointbridge audit archive v1"

// Archive is a part of the chain that was taken out of the database: where it begins and ends, and in which file it is.
// The part after it is chained to its head. It is recorded only when the file was read back, and nothing is deleted that is
// not within a recorded one.
type Archive struct {
	// First is the number of its first row; the head is that of its last one.
	First int64
	Head
	// Seal is the keyed part of its last seal.
	Seal Keyed
	// File is the file's name when it was written, SHA256 the hash over all its bytes.
	File   string
	SHA256 Hash
	// Carried is the hash over what stays in the database of its rows; see Carried.
	Carried Hash
	At      time.Time
	// Lost are what of its rows somebody stood for that they are lost, in the order of their numbers.
	Lost []Loss
}

// Parts are what there was a file of, each the end of the one before: all of it, and what was left after each loss.
func (a Archive) Parts() []Archive {
	parts := []Archive{a}
	for _, l := range a.Lost {
		a.First, a.File, a.SHA256 = l.Seq+1, l.File, l.SHA256
		parts = append(parts, a)
	}
	return parts
}

// Rest is what is left of it when what was accepted as lost is taken off: a part that may be empty, in a file of its own.
func (a Archive) Rest() Archive {
	parts := a.Parts()
	return parts[len(parts)-1]
}

// Rows is how many they are.
func (a Archive) Rows() int64 { return a.Seq - a.First + 1 }

// Recorded is the record of an archive as it is kept, under a key: whoever has the database alone can cut the chain's
// beginning off, and not say that it was archived.
type Recorded struct {
	Seq  int64
	Text string
	Key  string
	MAC  []byte
}

type archiveText struct {
	First   int64     `json:"first"`
	Seq     int64     `json:"seq"`
	Hash    string    `json:"hash"`
	Key     string    `json:"key"`
	From    int64     `json:"keyed_from"`
	MAC     string    `json:"mac"`
	File    string    `json:"file"`
	SHA256  string    `json:"sha256"`
	Carried string    `json:"carried"`
	At      time.Time `json:"at"`
}

// Record writes an archive down under the key in use.
func (k *Keys) Record(a Archive) (Recorded, error) {
	text, err := json.Marshal(archiveText{a.First, a.Seq, a.Hash.String(), a.Seal.Key, a.Seal.From, a.Seal.MAC.String(),
		a.File, a.SHA256.String(), a.Carried.String(), a.At.UTC()})
	return Recorded{Seq: a.Seq, Text: string(text), Key: k.Current.ID, MAC: k.Current.ofRecord(archiveLabel, string(text))}, err
}

func (k Key) ofRecord(label, text string) []byte {
	mac := hmac.New(sha256.New, k.key)
	_, _ = fmt.Fprintf(mac, "%s\n%s\n%s", label, k.ID, text)
	return mac.Sum(nil)
}

// authentic says what is wrong with who made the record; without keys nothing is looked at.
func (r Recorded) authentic(label string, keys *Keys) (fault string) {
	if keys == nil {
		return ""
	}
	key, known := keys.find(r.Key)
	if !known {
		return "names the key " + r.Key + ", which was not given"
	}
	if !hmac.Equal(key.ofRecord(label, r.Text), r.MAC) {
		return "was not made with the key that it names"
	}
	return ""
}

// Archives reads the records, which come in the order of their numbers: each part begins where the one before ended.
// Without keys who made them is not looked at. The first that does not hold is named.
func Archives(list []Recorded, keys *Keys) (archives []Archive, bad *Bad) {
	after := int64(0)
	for _, r := range list {
		fail := func(kind Kind, detail string) ([]Archive, *Bad) {
			return archives, &Bad{Seq: r.Seq, Kind: kind, Detail: "the record of the archive up to here " + detail}
		}
		if fault := r.authentic(archiveLabel, keys); fault != "" {
			return fail(NotAuthentic, fault)
		}
		a, err := r.read()
		if err != nil || a.Seq != r.Seq || a.First > a.Seq {
			return fail(Changed, "cannot be read")
		}
		if a.First != after+1 {
			return fail(Missing, fmt.Sprintf("begins at %d, and the one before ends at %d", a.First, after))
		}
		archives, after = append(archives, a), a.Seq
	}
	return archives, nil
}

func (r Recorded) read() (a Archive, err error) {
	var t archiveText
	if err := json.Unmarshal([]byte(r.Text), &t); err != nil {
		return a, err
	}
	a = Archive{First: t.First, Head: Head{Seq: t.Seq}, Seal: Keyed{Key: t.Key, From: t.From}, File: t.File, At: t.At}
	for _, one := range []struct {
		text string
		into *Hash
	}{{t.Hash, &a.Hash}, {t.MAC, &a.Seal.MAC}, {t.SHA256, &a.SHA256}, {t.Carried, &a.Carried}} {
		if *one.into, err = ParseHash(one.text); err != nil {
			return a, err
		}
	}
	return a, nil
}

// Carried is what stays in the database of an archived row: the books and the rights are held against it. Rows about
// movements are carried, those with a coupon's last change of status, those with the rights that were in force, and those that say
// which rows were accepted as lost.
type Carried struct {
	Seq, AuditID int64
	CouponID     *int64
	Action       string
	ToStatus     string
	Detail       string
}

// AppendText is the text of which the hash over carried rows is made, behind what is there.
func (c Carried) AppendText(b []byte) []byte {
	r := Row{ID: c.AuditID, CouponID: c.CouponID, Action: c.Action, ToStatus: c.ToStatus, Detail: c.Detail}
	return append(r.AppendCanonical(b, c.Seq), '\n')
}
