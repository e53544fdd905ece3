package domain

import "testing"

func TestAContactIsAMailAddressAPhoneNumberOrAPage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Contact{
		"":                         {},
		" help@shop.example ":      {"help@shop.example", "mailto:help@shop.example"},
		"03-1234-5678":             {"03-1234-5678", "tel:0312345678"},
		"+81 (3) 1234 5678":        {"+81 (3) 1234 5678", "tel:+81312345678"},
		"https://shop.example/ask": {"https://shop.example/ask", "https://shop.example/ask"},
	} {
		if got, ok := ReadContact(text); !ok || got != want {
			t.Errorf("%q is %+v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"javascript:alert(1)", "http://shop.example", "https://", "https://a:b@shop.example",
		"123", "call us", "help@shop.example?subject=x", "03-1234\n5678"} {
		if got, ok := ReadContact(text); ok {
			t.Errorf("%q was taken for %+v", text, got)
		}
	}
}
