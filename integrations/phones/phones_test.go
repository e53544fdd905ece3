package phones_test

import (
	"testing"

	"pointbridge/integrations/phones"
)

func TestE164_000_08(t *testing.T) {
	t.Parallel()
	japan, err := phones.New("JP")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"090-1234-5678": "+819012345678", "+81 90-1234-5678": "+819012345678", "０９０－１２３４－５６７８": "+819012345678", "(090) 1234 5678": "+819012345678",
		"+81 (0)90 1234 5678": "+819012345678", "03-3213-1111": "+81332131111", "+1 650-253-0000": "+16502530000",
		"": "", " ": "", "-": "", "none": "", "12345": "", "000-0000-0000": "", "\x00": "",
	} {
		if got := japan.E164(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	america, err := phones.New("US")
	if err != nil || america.E164("650-253-0000") != "+16502530000" {
		t.Errorf("%v", err)
	}
	for _, country := range []string{"", "jp", "Japan", "ZZ"} {
		if _, err := phones.New(country); err == nil {
			t.Errorf("%q is taken for a country", country)
		}
	}
}
