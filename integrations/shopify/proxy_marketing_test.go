package shopify

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pointbridge/domain"
)

// A customer who follows a link in a mail or an advertisement sees their page; nothing else opens that way.
func TestProxiedPage(t *testing.T) {
	t.Parallel()
	v := voucher(t, "")
	all := append([]string{"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "utm_source_platform", "utm_creative_format"}, marketing...)
	query := func() string {
		return with(func(q url.Values) {
			q.Set("locale", "en")
			q.Set("cursor", "YzE")
			for _, name := range all {
				q.Set(name, "IwAR2-x_Y.z 春,*")
			}
		})
	}()
	got, err := v.ProxiedPage(query)
	if len(got.Proof) != 64 {
		t.Errorf("the proof is %q", got.Proof)
	}
	got.Proof = ""
	if err != nil || got != (domain.Visit{CustomerGID: proxiedGID, PathPrefix: "/apps/pointbridge", Locale: "en", Query: "cursor=YzE"}) {
		t.Fatalf("H-26 %+v, %v", got, err)
	}
	if got, err := v.ProxiedPage(sign(newSecret, signedNow())); err != nil || got.CustomerGID != proxiedGID {
		t.Errorf("without any: %+v, %v", got, err)
	}
	for _, name := range all {
		if got, err := v.Proxied(set(name, "x")); err == nil {
			t.Errorf("where something is done, %s passes: %+v", name, got)
		}
	}
	bare := sign(newSecret, signedNow())
	for name, query := range map[string]string{
		"not signed":                     bare + "&utm_source=mail",
		"changed after signing":          strings.Replace(set("utm_source", "mail"), "mail", "post", 1),
		"repeated":                       set("utm_source", "a", "b"),
		"an array":                       set("utm_source[]", "a"),
		"an equals sign in a value":      set("fbclid", "a=b"),
		"in capitals":                    set("UTM_SOURCE", "a"),
		"unknown":                        set("debug", "1"),
		"a mark alone":                   set("utm_", "1"),
		"digits":                         set("utm_1", "1"),
		"a mark within":                  set("utm_xutm_source", "1"),
		"a longer name":                  set("utm_"+strings.Repeat("x", 37), "1"),
		"a customer's id at its end":     set("utm_logged_in_customer_id", "7002"),
		"one's own parameter at its end": set("utm_points", "1"),
		"a signature at its end":         set("utm_xsignature", "1"),
	} {
		if got, err := v.ProxiedPage(query); !errors.Is(err, &domain.Error{Code: domain.CodeUnauthenticated}) || got != (domain.Visit{}) {
			t.Errorf("004-04 %s: %+v, %v", name, got, err)
		}
	}
}

// TestMarketingNamesHaveOneReading: among all names that a page accepts none ends another, and none that begins another goes
// on with a character before the equals sign, by which sorting by pairs and by names would differ.
func TestMarketingNamesHaveOneReading(t *testing.T) {
	t.Parallel()
	fixed := slices.Concat(added, asked, marketing)
	check := func(t interface{ Errorf(string, ...any) }, a, b string) {
		if a != b && strings.HasSuffix(a, b) {
			t.Errorf("%s ends with %s", a, b)
		}
		if rest, ok := strings.CutPrefix(a, b); ok && a != b && rest[0] <= '=' {
			t.Errorf("%s and %s sort in two ways", a, b)
		}
	}
	for _, a := range fixed {
		for _, b := range fixed {
			check(t, a, b)
		}
	}
	part := rapid.OneOf(rapid.StringMatching(`[a-z_0-9=]{1,6}`), rapid.SampledFrom(append(slices.Clone(fixed), campaignMark)))
	drawn := rapid.Map(rapid.SliceOfN(part, 1, 4), func(parts []string) string { return campaignMark + strings.Join(parts, "") })
	rapid.Check(t, func(t *rapid.T) {
		name, tail := drawn.Draw(t, "name"), drawn.Draw(t, "tail")
		if !isMarketing(name) {
			return
		}
		for _, other := range append(slices.Clone(fixed), tail) {
			if other == tail && !isMarketing(tail) {
				continue
			}
			check(t, name, other)
			check(t, other, name)
		}
		// Whatever stands before a name, the last of an accepted one's letters say which it is.
		for i := 1; i < len(name); i++ {
			if rest := name[i:]; isMarketing(rest) || slices.Contains(fixed, rest) {
				t.Errorf("%s ends with %s, which is accepted as well", name, rest)
			}
		}
	})
}

// TestNoReadingOfAPageIsAnotherCustomer: whatever a visitor gets signed, no reading of the text that a page accepts is
// somebody else.
func TestNoReadingOfAPageIsAnotherCustomer(t *testing.T) {
	t.Parallel()
	v := voucher(t, "")
	all := slices.Concat(added[1:], asked, []string{"utm_source", "utm_medium", "fbclid", "ref", "_ss", "utm_x"})
	holders := []string{"utm_source", "_ss", "fbclid", "ref", "utm_x", "points", "zz", "cursor"}
	rapid.Check(t, func(t *rapid.T) {
		me := rapid.SampledFrom([]string{"", "42"}).Draw(t, "signed in")
		q := signedNow()
		q.Set("logged_in_customer_id", me)
		for range rapid.IntRange(1, 3).Draw(t, "parameters") {
			text := rapid.SampledFrom([]string{"", "x", "utm_"}).Draw(t, "begin")
			for _, name := range rapid.Permutation(added[1:]).Draw(t, "order") {
				if rapid.Bool().Draw(t, "with "+name) {
					text += name + "=" + signedNow().Get(name)
				}
			}
			name := rapid.SampledFrom(holders).Draw(t, "holder")
			q.Set(name, text+rapid.SampledFrom(append(slices.Clone(holders), "")).Draw(t, "end")+rapid.SampledFrom([]string{"", "="}).Draw(t, "sign"))
		}
		signature := hexMAC(newSecret, signedText(q))
		readings(signedText(q), all, func(r url.Values) {
			r.Set("signature", signature)
			got, err := v.ProxiedPage(r.Encode())
			if err == nil && got.CustomerGID != "" && strings.TrimPrefix(got.CustomerGID, domain.ShopCustomerPrefix) != me {
				t.Fatalf("signed for %q, read as %q: %v", me, got.CustomerGID, r)
			}
		})
	})
}
