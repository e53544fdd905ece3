package audit

import (
	"bytes"
	"encoding/json"
	"iter"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pointbridge/test/expect"
)

// rows draws an audit; texts hold what JSON has to escape, and what is no UTF-8.
func rows(t *rapid.T) []Row {
	text := rapid.OneOf(rapid.SampledFrom([]string{"", "a", `"`, `\`, "\n", "山田", "\xff", "\\udcff", "\x00",
		`","hash":"`, "<&>\u2028"}), rapid.String())
	number := int64(0)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Row {
		number += rapid.Int64Range(1, 5).Draw(t, "step")
		r := Row{ID: number, At: time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "at")), Actor: text.Draw(t, "actor"),
			ActorName: text.Draw(t, "name"), Action: text.Draw(t, "action"), Code: text.Draw(t, "code"),
			CustomerID: text.Draw(t, "customer"), FromStatus: text.Draw(t, "from"), ToStatus: text.Draw(t, "to"),
			Outcome: text.Draw(t, "outcome"), Detail: text.Draw(t, "detail")}
		if rapid.Bool().Draw(t, "coupon") {
			r.CouponID = &r.ID
		}
		return r
	}), 1, 12).Draw(t, "rows")
}

// chain seals the rows after a head.
func chain(after Head, rows []Row) []Link {
	links := make([]Link, 0, len(rows))
	for _, r := range rows {
		after = after.Seal(r)
		links = append(links, link(r, after.Seq, after.Hash))
	}
	return links
}

func link(r Row, seq int64, hash Hash) Link {
	return Link{Seq: seq, AuditID: r.ID, Code: r.Code, Canonical: r.Canonical(seq), Hash: hash}
}

func each(links []Link) iter.Seq2[Link, error] {
	return func(yield func(Link, error) bool) {
		for _, l := range links {
			if !yield(l, nil) {
				return
			}
		}
	}
}

func verify(t *rapid.T, links []Link, start Head, expected *Head) Result {
	t.Helper()
	got, err := Verify(each(links), Check{Start: start, Expected: expected})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// start draws the head before the first row: the beginning, or one in the middle of a longer chain.
func start(t *rapid.T) Head {
	if rapid.Bool().Draw(t, "whole") {
		return Head{}
	}
	return Head{Seq: rapid.Int64Range(1, 1e9).Draw(t, "after"), Hash: Hash{}.Next([]byte("before"))}
}

// TestCanonicalForm pins the text that is documented: a change here breaks every chain there is.
func TestCanonicalForm(t *testing.T) {
	t.Parallel()
	coupon := int64(7)
	r := Row{ID: 9, At: time.Date(2026, 3, 1, 21, 4, 5, 60_000, time.FixedZone("JST", 9*60*60)), Actor: "key:1",
		ActorName: `山田 "T"`, Action: "points.taken", Code: "70934-AB72CD-500", CouponID: &coupon,
		CustomerID: "8812370934", FromStatus: "pending", ToStatus: "pending", Outcome: "done", Detail: `{"points":500}`}
	want := `{"seq":3,"id":9,"at":"2026-03-01T12:04:05.000060Z","actor":"key:1","actor_name":"山田 \"T\"","action":"points.taken",` +
		`"code":"70934-AB72CD-500","coupon_id":7,"customer_id":"8812370934","from_status":"pending","to_status":"pending","outcome":"done",` +
		`"detail":"{\"points\":500}"}`
	if got := string(r.Canonical(3)); got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	// What sha256sum says of 32 zero bytes and the text.
	if got := (Hash{}).Next([]byte(want)).String(); got != "b5f8016d4bb37e91c73771b63c67bdfa40d3ddc82044dcdc2852dd1adacd219b" {
		t.Fatal(got)
	}
	rapid.Check(t, func(t *rapid.T) {
		for i, r := range rows(t) {
			var back struct {
				Seq    int    `json:"seq"`
				Detail string `json:"detail"`
			}
			if err := json.Unmarshal(r.Canonical(int64(i)), &back); err != nil || back.Seq != i {
				t.Fatalf("%s is no JSON: %v", r.Canonical(int64(i)), err)
			}
			if strings.ToValidUTF8(r.Detail, "") == r.Detail && back.Detail != r.Detail {
				t.Fatalf("%q came back as %q", r.Detail, back.Detail)
			}
		}
	})
}

func TestQuoteTellsTextsApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SliceOf(rapid.Byte()).Draw(t, "a"), rapid.SliceOf(rapid.Byte()).Draw(t, "b")
		if same := bytes.Equal(quote(nil, string(a)), quote(nil, string(b))); same != bytes.Equal(a, b) {
			t.Fatalf("%q and %q", a, b)
		}
	})
}

func TestHeads(t *testing.T) {
	t.Parallel()
	h := Head{Seq: 12, Hash: Hash{}.Next([]byte("x"))}
	got, err := ParseHead(" " + h.String() + "\n")
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "got", got, h)
	for _, text := range []string{"", "12", "12:", ":" + h.Hash.String(), "-1:" + h.Hash.String(), "12:" +
		h.Hash.String()[1:], "12:" + h.Hash.String() + "00", "x:y"} {
		if got, err := ParseHead(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}
