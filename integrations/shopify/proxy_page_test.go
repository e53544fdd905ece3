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

// A customer who follows a link in a chat, a mail or an advertisement sees their page; nothing else opens that way.
// covers: 004-04, H-26
func TestProxiedPage(t *testing.T) {
	t.Parallel()
	v := voucher(t, "")
	links := map[string]url.Values{
		"nothing":                   {},
		"a mail":                    {"utm_source": {"mail"}, "utm_campaign": {"春 sale"}, "mc_cid": {"1a2b"}},
		"LINE, outside its browser": {"openExternalBrowser": {"1"}},
		"Shopify's own mails":       {"syclid": {"cst3l8vq"}, "utm_medium": {"shopify_email"}},
		"Klaviyo":                   {"_kx": {"r6Vx-1aBc_==.VqXyZ1"}},
		"an advertisement": {"gclid": {"Cj0K"}, "gad_source": {"1"}, "fbclid": {"IwAR2-x_Y.z"},
			"ttclid": {"E.C.P"}},
		"a theme preview": {"preview_theme_id": {"128800358"}, "_ab": {"0"}, "_fd": {"0"}, "_sc": {"1"},
			"preview_key": {"a=b&c"}},
		"a parameter twice": {"ref": {"a", "b"}, "ids[]": {"1", "2"}},
		"one that nobody thought of": {"debug": {"1"}, "UTM_SOURCE": {"x"}, "日本": {"語"}, "id": {"1"}, "id2": {"2"},
			"id-3": {"3"}},
		"one's own, said twice": {"points": {"100", "500"}},
	}
	for name, extra := range links {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			query := with(func(q url.Values) {
				q.Set("locale", "en")
				q.Set("cursor", "YzE=")
				for name, values := range extra {
					q[name] = values
				}
			})
			got, err := v.ProxiedPage(query)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Proof) != 64 {
				t.Errorf("the proof is %q", got.Proof)
			}
			if got.CustomerGID != proxiedGID || got.PathPrefix != "/apps/pointbridge" || got.Locale != "en" ||
				got.Query != "cursor=YzE%3D" {
				t.Errorf("read as %q under %q in %q, asking %q", got.CustomerGID, got.PathPrefix, got.Locale, got.Query)
			}
			for extraName := range extra {
				if extraName == "points" {
					continue
				}
				if got, err := v.Proxied(set(extraName, "x")); err == nil {
					t.Errorf("where something is done, %s passes for %q", extraName, got.CustomerGID)
				}
			}
		})
	}
	bare := sign(newSecret, signedNow())
	for name, query := range map[string]string{
		"not signed":                     bare + "&utm_source=mail",
		"changed after signing":          strings.Replace(set("utm_source", "mail"), "mail", "post", 1),
		"a customer's number in a value": set("fbclid", "logged_in_customer_id=7002"),
		"a customer's number in a name":  set("xlogged_in_customer_id", "7002"),
		"a time in a value":              set("return_to", "?timestamp=1"),
		"another shop in a name":         set("workshop", "1"),
		"a prefix in a value":            set("next", "path_prefix="),
		"Shopify's own twice":            with(func(q url.Values) { q["logged_in_customer_id"] = []string{"7001", "7002"} }),
		"a signature twice":              bare + "&signature=0",
		"too long":                       set("fbclid", strings.Repeat("x", 5000)),
	} {
		if got, err := v.ProxiedPage(query); !errors.Is(err, &domain.Error{Code: domain.CodeUnauthenticated}) ||
			got.CustomerGID != "" {
			t.Errorf("%s: read as %q, %v", name, got.CustomerGID, err)
		}
	}
}

// TestSortedByNames: where one name begins another, Shopify's libraries sort in two ways; a page signed in either
// opens.
func TestSortedByNames(t *testing.T) {
	t.Parallel()
	v := voucher(t, "")
	q := signedNow()
	q.Set("id", "1")
	q.Set("id2", "2")
	var names []string
	for name := range q {
		names = append(names, name)
	}
	slices.Sort(names)
	text := ""
	for _, name := range names {
		text += name + "=" + q.Get(name)
	}
	if text == signedText(q) {
		t.Fatal("both ways give one text, which shows nothing")
	}
	q.Set("signature", hexMAC(newSecret, text))
	if got, err := v.ProxiedPage(q.Encode()); err != nil || got.CustomerGID != proxiedGID {
		t.Errorf("read as %q, %v", got.CustomerGID, err)
	}
}

// TestNoReadingOfAPageIsAnotherCustomer: whatever a visitor gets signed, no reading of the text that a page accepts is
// somebody else.
func TestNoReadingOfAPageIsAnotherCustomer(t *testing.T) {
	t.Parallel()
	v := voucher(t, "")
	all := slices.Concat(added[1:], asked, []string{"utm_source", "fbclid", "_ss", "m", "mm", "0", "1", "4", "42", "l",
		"logged_in_customer_id2", "pa", "z"})
	holders := []string{"utm_source", "_ss", "fbclid", "m", "mm", "0", "4", "2", "l", "lz", "logged_in_customer_id2",
		"pa", "points", "zz", "cursor"}
	rapid.Check(t, func(t *rapid.T) {
		me := rapid.SampledFrom([]string{"", "42"}).Draw(t, "signed in")
		q := signedNow()
		q.Set("logged_in_customer_id", me)
		for range rapid.IntRange(1, 3).Draw(t, "parameters") {
			text := rapid.SampledFrom([]string{"", "x", "7", "m"}).Draw(t, "begin")
			for _, name := range rapid.Permutation(added[1:]).Draw(t, "order") {
				if rapid.Bool().Draw(t, "with "+name) {
					text += name + "=" + signedNow().Get(name)
				}
			}
			name := rapid.SampledFrom(holders).Draw(t, "holder")
			q.Set(name, text+rapid.SampledFrom(append(slices.Clone(holders), "")).Draw(t, "end")+
				rapid.SampledFrom([]string{"", "="}).Draw(t, "sign"))
		}
		signature := hexMAC(newSecret, signedText(q))
		readings(signedText(q), all, func(r url.Values) {
			r.Set("signature", signature)
			got, err := v.ProxiedPage(r.Encode())
			if err == nil && got.CustomerGID != "" && strings.TrimPrefix(got.CustomerGID,
				domain.ShopCustomerPrefix) != me {
				t.Fatalf("signed for %q, read as %q: %v", me, got.CustomerGID, r)
			}
		})
	})
}
