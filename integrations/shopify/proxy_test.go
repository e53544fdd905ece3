package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

const (
	proxyShop  = "shop.myshopify.com"
	newSecret  = "7c1f0b2ad94e4d02a1b5"
	oldSecret  = "0f9e8d7c6b5a49382716"
	clientID   = "8f14e45fceea167a5a36dedd4bea2543"
	proxiedGID = "gid://shopify/Customer/7001"
)

var proxyNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func voucher(t testing.TB, old string) *Voucher {
	t.Helper()
	v, err := NewVoucher(VoucherConfig{Shop: proxyShop, ClientID: clientID, Secret: newSecret, OldSecret: old,
		Now: func() time.Time { return proxyNow }})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// added by the vendor for customer 7001, now.
func signedNow() url.Values {
	return url.Values{"shop": {proxyShop}, "logged_in_customer_id": {"7001"}, "path_prefix": {"/apps/pointbridge"},
		"timestamp": {strconv.FormatInt(proxyNow.Unix(), 10)}}
}

// signedText is the vendor's canonical text, written anew: every pair, repeated values joined by commas, sorted,
// joined.
func signedText(q url.Values) string {
	var pairs []string
	for name, values := range q {
		if name != "signature" {
			pairs = append(pairs, name+"="+strings.Join(values, ","))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "")
}

// signedValues reports whether the signature among the values is that of the others.
func signedValues(v *Voucher, values map[string]string) bool {
	return v.signedOne(canonicalTexts(values), values["signature"])
}

func hexMAC(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// sign signs as Shopify does, whatever the query holds.
func sign(secret string, q url.Values) string {
	q.Set("signature", hexMAC(secret, signedText(q)))
	return q.Encode()
}

func with(change func(url.Values)) string {
	q := signedNow()
	change(q)
	return sign(newSecret, q)
}

func set(name string, values ...string) string {
	return with(func(q url.Values) { q[name] = values })
}

// covers: 004-04
func TestProxiedAccepts(t *testing.T) {
	t.Parallel()
	v := voucher(t, "")
	got, err := v.Proxied(with(func(q url.Values) {
		q.Set("limit", "20")
		q.Set("cursor", "YzE")
		q.Set("locale", "en")
	}))
	if len(got.Proof) != 64 {
		t.Errorf("the proof is %q", got.Proof)
	}
	got.Proof = ""
	if err != nil || got != (domain.ProxyRequest{CustomerGID: proxiedGID, PathPrefix: "/apps/pointbridge", Locale: "en",
		Query: "cursor=YzE&limit=20"}) {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err = v.Proxied(set("logged_in_customer_id", "")); err != nil || got.CustomerGID != "" ||
		got.PathPrefix == "" {
		t.Fatalf("nobody signed in: %+v, %v", got, err)
	}
	for _, age := range []time.Duration{0, 90 * time.Second, -90 * time.Second} {
		at := strconv.FormatInt(proxyNow.Add(age).Unix(), 10)
		if _, err := v.Proxied(set("timestamp", at)); err != nil {
			t.Errorf("signed %s from now: %v", age, err)
		}
	}
	for name, query := range map[string]string{"new": sign(newSecret, signedNow()), "old": sign(oldSecret,
		signedNow())} {
		if _, err := voucher(t, oldSecret).Proxied(query); err != nil {
			t.Errorf("during a rotation the %s secret: %v", name, err)
		}
	}
}

// TestTheVendorsExample recomputes the example that Shopify's documentation publishes.
func TestTheVendorsExample(t *testing.T) {
	t.Parallel()
	v := &Voucher{secrets: [][]byte{[]byte("hush")}}
	if !signedValues(v, map[string]string{"extra": "1,2", "shop": "shop-name.myshopify.com",
		"logged_in_customer_id": "1", "path_prefix": "/apps/awesome_reviews", "timestamp": "1317327555",
		"signature": "4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb"}) {
		t.Error("the published signature is not ours")
	}
}

// covers: 004-04
func TestProxiedRefuses(t *testing.T) {
	t.Parallel()
	good := sign(newSecret, signedNow())
	moment := func(d time.Duration) string { return strconv.FormatInt(proxyNow.Add(d).Unix(), 10) }
	// Each is signed as Shopify would sign it, unless it is about the signature.
	attacks := map[string]string{
		"nothing at all":     "",
		"no signature":       strings.Split(good, "&signature=")[0],
		"an empty signature": signedNow().Encode() + "&signature=",
		"upper-case hex": signedNow().Encode() + "&signature=" +
			strings.ToUpper(hexMAC(newSecret, signedText(signedNow()))), "half a signature": signedNow().Encode() +
			"&signature=" + hexMAC(newSecret, signedText(signedNow()))[:32],
		"two signatures":             good + "&signature=" + hexMAC(newSecret, signedText(signedNow())),
		"another secret":             sign("another-secret-entirely", signedNow()),
		"no secret":                  sign("", signedNow()),
		"the old secret, not set":    sign(oldSecret, signedNow()),
		"another id than was signed": strings.Replace(good, "7001", "7002", 1),
		"a repeated id":              set("logged_in_customer_id", "7001", "7002"),
		"a repeated shop":            set("shop", proxyShop, proxyShop),
		"a repeated timestamp":       set("timestamp", moment(0), moment(0)),
		"a repeated own parameter":   set("limit", "1", "2"),
		"an array parameter":         set("limit[]", "1"),
		"an array of ids":            with(func(q url.Values) { q.Del("logged_in_customer_id"); q.Set("logged_in_customer_id[]", "7001") }),
		"an unknown parameter":       set("debug", "1"),
		"a parameter in capitals":    set("LIMIT", "1"),
		"no name":                    set("", "1"),
		"no timestamp":               with(func(q url.Values) { q.Del("timestamp") }),
		"an empty timestamp":         set("timestamp", ""),
		"a stale timestamp":          set("timestamp", moment(-91*time.Second)),
		"a future timestamp":         set("timestamp", moment(91*time.Second)),
		"a decimal timestamp":        set("timestamp", moment(0)+".0"),
		"a signed timestamp":         set("timestamp", "+"+moment(0)),
		"a hexadecimal timestamp":    set("timestamp", fmt.Sprintf("%#x", proxyNow.Unix())),
		"a timestamp in ms":          set("timestamp", strconv.FormatInt(proxyNow.UnixMilli(), 10)),
		"a timestamp beyond int64":   set("timestamp", "99999999999999999999"),
		"a timestamp in wide digits": set("timestamp", "１７７２３６６４００"),
		"another shop":               set("shop", "other.myshopify.com"),
		"the shop in capitals":       set("shop", strings.ToUpper(proxyShop)),
		"the shop and more":          set("shop", proxyShop+".evil.example"),
		"no shop":                    with(func(q url.Values) { q.Del("shop") }),
		"no id":                      with(func(q url.Values) { q.Del("logged_in_customer_id") }),
		"an id with a letter":        set("logged_in_customer_id", "7001a"),
		"an id with a space":         set("logged_in_customer_id", " 7001"),
		"an id with a line break":    set("logged_in_customer_id", "7001\n"),
		"an id in wide digits":       set("logged_in_customer_id", "７００１"),
		"an id in Arabic digits":     set("logged_in_customer_id", "٧٠٠١"),
		"a negative id":              set("logged_in_customer_id", "-7001"),
		"an id with leading zeros":   set("logged_in_customer_id", "007001"),
		"the id zero":                set("logged_in_customer_id", "0"),
		"an id beyond 63 bits":       set("logged_in_customer_id", "70010000000000000000"),
		"two ids in one":             set("logged_in_customer_id", "7001,7002"),
		"a gid":                      set("logged_in_customer_id", proxiedGID),
		"no path":                    with(func(q url.Values) { q.Del("path_prefix") }),
		"a path to another host":     set("path_prefix", "//evil.example"),
		"a path with a line break":   set("path_prefix", "/apps/x\r\nSet-Cookie:a"),
		"an equals sign":             set("cursor", "a=b"),
		"a semicolon":                good + ";limit=1",
		"a broken escape":            good + "&limit=%zz",
		"a very long query":          set("cursor", strings.Repeat("a", maxQuery)),
	}
	v := voucher(t, "")
	for name, query := range attacks {
		got, err := v.Proxied(query)
		if !errors.Is(err, &domain.Error{Code: domain.CodeUnauthenticated}) || got != (domain.ProxyRequest{}) {
			t.Errorf("%s is let in as %+v, %v", name, got, err)
			continue
		}
		for _, sent := range []string{"7001", "evil", "debug", newSecret, "signature="} {
			if strings.Contains(err.Error(), sent) {
				t.Errorf("%s: the reason repeats %q: %v", name, sent, err)
			}
		}
	}
	for _, none := range []VoucherConfig{{Shop: proxyShop}, {Shop: proxyShop, ClientID: clientID}} {
		v, err := NewVoucher(none)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.Proxied(sign("", signedNow())); err == nil {
			t.Error("without a secret an empty one counts")
		}
	}
}

// TestOneTextTwoReadings is the weakness of the vendor's signature for real: somebody who is not signed in asks with a
// parameter of their own, gets the query signed, and reads the very same text as another customer's query. That one has
// every required name, only known names, none twice, a number for an id, the shop and a fresh time.
// covers: 004-04
func TestOneTextTwoReadings(t *testing.T) {
	t.Parallel()
	anonymous := signedNow()
	anonymous.Set("logged_in_customer_id", "")
	anonymous.Set("cursor", "xlogged_in_customer_id=7001path_prefix=/apps/pointbridgepoints=")
	signature := hexMAC(newSecret, signedText(anonymous))

	forged := signedNow()
	forged.Set("cursor", "x")
	forged.Set("points", "logged_in_customer_id=path_prefix=/apps/pointbridge")
	if signedText(forged) != signedText(anonymous) {
		t.Fatalf("the readings differ:\n%s\n%s", signedText(forged), signedText(anonymous))
	}
	forged.Set("signature", signature)
	v := voucher(t, "")
	if !signedValues(v, map[string]string{"shop": forged.Get("shop"), "logged_in_customer_id": "7001",
		"path_prefix": forged.Get("path_prefix"), "cursor": "x",
		"points": forged.Get("points"), "timestamp": forged.Get("timestamp"), "signature": signature}) {
		t.Fatal("it is no collision: the signature does not fit the forged query")
	}
	if got, err := v.Proxied(forged.Encode()); err == nil {
		t.Errorf("a visitor who is not signed in became %+v", got)
	}
	anonymous.Set("signature", signature)
	if got, err := v.Proxied(anonymous.Encode()); err == nil {
		t.Errorf("the query it was made from is accepted: %+v", got)
	}
}

// TestNamesHaveOneReading: with no equals sign in a value, a text has one reading when no name ends another; and
// sorting by pairs or by names is the same when none begins another.
func TestNamesHaveOneReading(t *testing.T) {
	t.Parallel()
	all := append(slices.Clone(added), asked...)
	for _, a := range all {
		for _, b := range all {
			if a != b && (strings.HasSuffix(a, b) || strings.HasPrefix(a, b)) {
				t.Errorf("%s begins or ends with %s", a, b)
			}
		}
	}
}

// TestNoReadingIsAnotherCustomer draws what a visitor may ask, signs it for them as Shopify does, and tries every
// reading of the signed text.
func TestNoReadingIsAnotherCustomer(t *testing.T) {
	t.Parallel()
	v := voucher(t, "")
	all := append(slices.Clone(added[1:]), asked...)
	piece := rapid.OneOf(rapid.SampledFrom(all), rapid.SampledFrom([]string{"=", "7001", "/apps/pointbridge", proxyShop,
		"x", ",", strconv.FormatInt(proxyNow.Unix(), 10)}), rapid.Map(rapid.SampledFrom(all),
		func(name string) string { return name + "=" }))
	mess := rapid.Map(rapid.SliceOfN(piece, 0, 8), func(parts []string) string { return strings.Join(parts, "") })
	// As somebody would who knows the weakness: the pairs of another customer's query, in order, then a name to hold
	// the rest.
	crafted := rapid.Map(rapid.SampledFrom(all), func(holder string) string {
		parts := "x"
		for _, name := range []string{"logged_in_customer_id", "path_prefix", "shop", "timestamp"} {
			if name < holder {
				parts += name + "=" + signedNow().Get(name)
			}
		}
		return parts + holder + "="
	})
	text := rapid.OneOf(mess, crafted)
	rapid.Check(t, func(t *rapid.T) {
		me := rapid.SampledFrom([]string{"", "42"}).Draw(t, "signed in")
		q := url.Values{}
		for name, value := range rapid.MapOfN(rapid.OneOf(rapid.SampledFrom(asked), text), text, 0, 3).Draw(t,
			"asked") {
			if !slices.Contains(added, name) {
				q.Set(name, value)
			}
		}
		for name, values := range signedNow() {
			q[name] = values
		}
		q.Set("logged_in_customer_id", me)
		signed := signedText(q)
		signature := hexMAC(newSecret, signed)
		readings(signed, all, func(r url.Values) {
			r.Set("signature", signature)
			got, err := v.Proxied(r.Encode())
			if err == nil && got.CustomerGID != "" && strings.TrimPrefix(got.CustomerGID,
				domain.ShopCustomerPrefix) != me {
				t.Fatalf("signed for %q, read as %q: %v", me, got.CustomerGID, r)
			}
		})
	})
}

// readings returns every way to cut a text into pairs whose names are known.
func readings(text string, names []string, each func(url.Values)) {
	const most = 2000
	given := 0
	var cut func(rest string, so url.Values)
	cut = func(rest string, so url.Values) {
		if given >= most {
			return
		}
		for _, name := range names {
			value, ok := strings.CutPrefix(rest, name+"=")
			if !ok {
				continue
			}
			next := url.Values{}
			for n, v := range so {
				next[n] = v
			}
			next[name] = append(slices.Clone(next[name]), value)
			given++
			each(clone(next))
			for i := range value {
				next[name][len(next[name])-1] = value[:i]
				cut(value[i:], clone(next))
			}
		}
	}
	cut(text, url.Values{})
}

func clone(q url.Values) url.Values {
	c := url.Values{}
	for name, values := range q {
		c[name] = slices.Clone(values)
	}
	return c
}

func FuzzProxied(f *testing.F) {
	f.Add(sign(newSecret, signedNow()))
	f.Add(set("logged_in_customer_id", ""))
	f.Add("shop=" + proxyShop + "&signature=%00&timestamp=1")
	f.Fuzz(func(t *testing.T, query string) {
		v := voucher(t, "")
		got, err := v.Proxied(query)
		if err == nil {
			q, _ := url.ParseQuery(query)
			if q.Get("signature") != hexMAC(newSecret, signedText(q)) || got.CustomerGID != "" &&
				got.CustomerGID != domain.ShopCustomerPrefix+q.Get("logged_in_customer_id") {
				t.Fatalf("%q became %+v", query, got)
			}
			return
		}
		expect.MustEqual(t, "got", got, domain.ProxyRequest{}, query, err)
		expect.MustEqual(t, "domain.CodeOf(err)", domain.CodeOf(err), domain.CodeUnauthenticated, query, err)
		// The same words, signed: whatever is accepted then is what was signed.
		if q, err := url.ParseQuery(query); err == nil {
			q.Del("signature")
			if got, err := v.Proxied(sign(newSecret, q)); err == nil && got.CustomerGID != "" &&
				got.CustomerGID != domain.ShopCustomerPrefix+q.Get("logged_in_customer_id") {
				t.Fatalf("%q signed became %+v", query, got)
			}
		}
	})
}

func TestNewVoucher(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]VoucherConfig{"no shop": {Secret: newSecret},
		"another host":   {Shop: "shop.example.com", Secret: newSecret},
		"a short secret": {Shop: proxyShop, Secret: "hush"}, "an old secret alone": {Shop: proxyShop,
			OldSecret: oldSecret}} {
		if _, err := NewVoucher(cfg); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", VoucherConfig{Secret: newSecret}, VoucherConfig{Secret: newSecret},
		VoucherConfig{OldSecret: oldSecret}); strings.Contains(text, newSecret) || strings.Contains(text, oldSecret) {
		t.Errorf("a secret prints: %s", text)
	}
}
