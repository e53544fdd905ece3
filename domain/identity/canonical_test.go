package identity

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// canonical reads phones as far as the tests here need it; integrations/phones has the real table.
var canonical = Canonical{Country: "JP", Phone: func(text, country string) string {
	return map[string]string{"JP 090-1234-5678": "+819012345678", "JP +81 90 1234 5678": "+819012345678",
		"US +81 90 1234 5678": "+819012345678", "US 650-253-0000": "+16502530000"}[country+" "+text]
}}

func TestPhonesAreComparedInInternationalForm(t *testing.T) {
	t.Parallel()
	us := []PostalAddress{{Country: "US"}}
	for _, c := range []struct {
		shown Shown
		want  []string
	}{
		{Shown{Phones: []string{"090-1234-5678", "+81 90 1234 5678", "０９０-１２３４-５６７８"}}, []string{"+819012345678"}},
		{Shown{Phones: []string{"650-253-0000"}}, nil},
		{Shown{Phones: []string{"650-253-0000"}, Addresses: us}, []string{"+16502530000"}},
		{Shown{Phones: []string{"090-1234-5678", "+81 90 1234 5678"}, Addresses: us}, []string{"+819012345678"}},
		{Shown{Phones: []string{"", " ", "none", "12345"}}, nil},
	} {
		if got := canonical.Forms(c.shown)[Phone]; !slices.Equal(got, c.want) {
			t.Errorf("%q is %q, want %q", c.shown.Phones, got, c.want)
		}
	}
	if got := (Canonical{}).Forms(Shown{Phones: []string{"090-1234-5678"}}); len(got) > 0 {
		t.Errorf("without a reader of phones a number is %q", got)
	}
}

func TestTheNetworkOfAHouseholdIsTheSignal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"203.0.113.7": "203.0.113.0/24", " 203.0.113.200 ": "203.0.113.0/24", "::ffff:203.0.113.7": "203.0.113.0/24",
		"203.0.114.7": "203.0.114.0/24", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:DB8:1:2::1": "2001:db8:1:2::/64",
		"2001:db8:1:3::1": "2001:db8:1:3::/64",
		"10.0.0.1":        "", "172.16.0.1": "", "192.168.1.1": "", "127.0.0.1": "", "169.254.1.1": "",
		"100.64.0.1":      "",
		"100.127.255.255": "", "100.128.0.1": "100.128.0.0/24", "0.0.0.0": "", "0.1.2.3": "", "255.255.255.255": "",
		"240.0.0.1": "", "224.0.0.1": "", "::1": "", "::": "", "fe80::1": "", "fe80::1%eth0": "", "fd00::1": "",
		"ff02::1": "", "::ffff:10.0.0.1": "", "::ffff:100.64.0.1": "", "": "", "unknown": "", "203.0.113": "",
		"203.0.113.7:443": "", "203.0.113.0/24": "", "203.0.113.07": "", "203.0.113.7, 10.0.0.1": "",
	} {
		if got := ip(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestADeviceIDIsTakenAsItIs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"f3a1-77AB": "f3a1-77AB", "  f3a1-77AB\n": "f3a1-77AB", "F3A1-77ab": "F3A1-77ab", "1234567": "",
		"12345678": "12345678", strings.Repeat("ab", 64): strings.Repeat("ab", 64), strings.Repeat("ab", 65): "",
		"f3a1\x0077AB": "", "f3a1\u202e77AB": "", "undefined": "", "[object Object]": "", "": "",
		"00000000-0000-0000-0000-000000000000": "", "xxxxxxxx": "",
	} {
		if got := device(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestTheShopsCustomerHasOneKey(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"gid://shopify/Customer/42": "42", "42": "42", " gid://shopify/Customer/42 ": "42", "": "", "0": "",
		"gid://shopify/Customer/": "",
	} {
		if got := customer(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestSimilarNamesHaveOneSkeleton(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, group := range [][]string{
		{"山田 太郎", "山田太郎", "太郎　山田", "山田 太郎 様", "山田太郎さん"}, {"山田 花子"},
		{"やまだ たろう", "ヤマダ タロウ", "ﾔﾏﾀﾞ ﾀﾛｳ", "やまだたろう"}, {"髙橋 邊", "高橋 辺"},
		{"Taro Yamada", "YAMADA Taro", "Mr. Taro Yamada", "Tarou Yamada", "Ｔａｒｏ　Ｙａｍａｄａ", "Taro K. Yamada",
			"Yamada, Taro"},
		{"Anna Müller", "Ana Muller", "Anna  Muler"}, {"Anne Miller"}, {"Ohno Satoh", "Ono Sato", "Ohno Satou"},
	} {
		skeleton := name(group[0])
		if other, taken := seen[skeleton]; taken || skeleton == "" {
			t.Errorf("%q and %q have the skeleton %q", group[0], other, skeleton)
		}
		seen[skeleton] = group[0]
		for _, spelling := range group {
			if got := name(spelling); got != skeleton {
				t.Errorf("%q is %q, but %q is %q", spelling, got, group[0], skeleton)
			}
		}
	}
	for _, text := range []string{"", "-", "未入力", "様", "Mr.", "null", "ゲスト", "A", "123"} {
		if got := name(text); got != "" {
			t.Errorf("%q is %q", text, got)
		}
	}
}

func TestFormsAreFewShortSortedAndNeverEmpty(t *testing.T) {
	t.Parallel()
	many := make([]string, 0, 1000)
	for i := range 1000 {
		many = append(many, string(rune('a'+i%26))+"@example.com")
	}
	forms := canonical.Forms(Shown{Emails: many})
	want := []string{"a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com"}
	if !slices.Equal(forms[Email], want) {
		t.Errorf("many addresses are %q", forms[Email])
	}
	if got := canonical.Forms(Shown{}); len(got) != 0 {
		t.Errorf("nothing is %q", got)
	}
	absurd := strings.Repeat("a", 1<<20)
	got := canonical.Forms(Shown{CustomerID: absurd, Emails: []string{absurd + "@example.com"}, Names: []string{absurd},
		Devices: []string{absurd}, IPs: []string{absurd}, Phones: []string{absurd},
		Addresses: []PostalAddress{jp("150-0001", "渋谷区", absurd+"1-2-3", ""), jp("150-0001", absurd, "1-2-3", ""),
			{Country: absurd, Zip: "12345", Line1: "1 Main St"}, {Country: "US", Zip: absurd, Line1: "1 Main St"}}})
	if len(got) != 0 {
		t.Errorf("absurd texts are signals of %d kinds", len(got))
	}
}

// TestFormsOfAnything: whatever is shown, forms stay within their bounds, and an order of the same texts is the same.
func TestFormsOfAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		texts := func(label string) []string { return rapid.SliceOfN(rapid.String(), 0, 7).Draw(t, label) }
		addresses := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) PostalAddress {
			text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9一二十丁目番号ーの#/. a-z-]{0,20}`))
			return PostalAddress{Line1: text.Draw(t, "1"), Line2: text.Draw(t, "2"), City: text.Draw(t, "city"),
				Zip:     rapid.SampledFrom([]string{"", "150-0001", "12345"}).Draw(t, "zip"),
				Country: rapid.SampledFrom([]string{"", "JP", "US", "DE", "GB", "AU", "CO"}).Draw(t, "country")}
		}), 0, 7).Draw(t, "addresses")
		s := Shown{CustomerID: rapid.String().Draw(t, "id"), Emails: texts("emails"), Phones: texts("phones"),
			IPs: texts("ips"), Devices: texts("devices"), Names: texts("names"), Addresses: addresses}
		forms := canonical.Forms(s)
		for kind, values := range forms {
			if len(values) == 0 || len(values) > mostValues || !slices.IsSorted(values) ||
				len(slices.Compact(slices.Clone(values))) != len(values) {
				t.Fatalf("%s is %q", kind, values)
			}
			for _, value := range values {
				if !shown(value) {
					t.Fatalf("%s is %q", kind, value)
				}
			}
		}
		if again := canonical.Forms(Shown{Names: forms[Name]})[Name]; len(again) > len(forms[Name]) {
			t.Fatalf("names %q became %q", forms[Name], again)
		}
	})
}

func TestTablesOfCharactersPairUp(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{halfKana, fullKana}, {oldKanji, newKanji}} {
		from, to := []rune(pair[0]), []rune(pair[1])
		if len(from) != len(to) {
			t.Fatalf("%d characters and %d", len(from), len(to))
		}
		for i := range from {
			if from[i] == to[i] || slices.Contains(from, to[i]) {
				t.Errorf("%c becomes %c", from[i], to[i])
			}
		}
	}
}
