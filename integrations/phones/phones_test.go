package phones_test

import (
	"testing"

	"pgregory.net/rapid"

	"pointbridge/domain/identity"
	"pointbridge/integrations/phones"
	"pointbridge/test/expect"
)

// covers: 000-08
func TestE164(t *testing.T) {
	t.Parallel()
	japan, err := phones.New("JP")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"090-1234-5678": "+819012345678", "+81 90-1234-5678": "+819012345678",
		"０９０－１２３４－５６７８": "+819012345678", "(090) 1234 5678": "+819012345678",
		"+81 (0)90 1234 5678": "+819012345678", "03-3213-1111": "+81332131111", "+1 650-253-0000": "+16502530000",
		"": "", " ": "", "-": "", "none": "", "12345": "", "000-0000-0000": "", "\x00": "",
	} {
		if got := japan.E164(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	america, err := phones.New("US")
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, `america.E164("650-253-0000")`, america.E164("650-253-0000"), "+16502530000")
	for _, country := range []string{"", "jp", "Japan", "ZZ"} {
		if _, err := phones.New(country); err == nil {
			t.Errorf("%q is taken for a country", country)
		}
	}
}

// TestWhatIsWrittenAroundANumber is a table of how people write numbers, and what libraries make of it: ours here, by
// nyaruka/phonenumbers 1.8.1, and Google's own google-libphonenumber 3.2.47 for JavaScript ("" where it gives no
// number).
func TestWhatIsWrittenAroundANumber(t *testing.T) {
	t.Parallel()
	japan, err := phones.New("JP")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want, google string }{
		{"060-1234-5678", "+816012345678", "+816012345678"},
		{"＋81 60 1234 5678", "+816012345678", "+816012345678"},
		{"090-1234-5678（自宅）", "+819012345678", "+819012345678"},
		{"090-1234-5678(自宅)", "+819012345678", "+819012345678"},
		{"（自宅）090-1234-5678", "+819012345678", "+819012345678"},
		{"090-1234-5678様", "+819012345678", "+819012345678"},
		{"090-1234-5678 様", "+819012345678", "+819012345678"},
		{"090・1234・5678", "+819012345678", ""},
		{"090･1234･5678", "+819012345678", ""},
		{"090ｰ1234ｰ5678", "+819012345678", ""},
		{"090_1234_5678", "+819012345678", ""},
		{"090-1234-5678 内線12", "+819012345678", ""},
		{"03-3213-1111 内線 12", "+81332131111", ""},
		{"090-1234-5678、03-3213-1111", "+819012345678", ""},
		{"090-1234-5678/03-3213-1111", "+819012345678", ""},
		{"携帯：090-1234-5678", "+819012345678", "+819012345678"},
		{"TEL 090-1234-5678", "+819012345678", "+819012345678"},
		{"090ー1234ー5678", "+819012345678", "+819012345678"},
		{"+81-90-1234-5678 ext. 3", "+819012345678", "+819012345678"},
		{"060-1234-56", "", ""},
		{"060-0000-0000", "", ""},
		{"〇九〇", "", ""},
		{"未登録", "", ""},
	} {
		got := japan.E164(c.text)
		if got != c.want {
			t.Errorf("%q is %q, want %q", c.text, got, c.want)
		}
		if c.google != "" && c.google != got {
			t.Errorf("%q is %q here and %q in JavaScript: one person would stay two", c.text, got, c.google)
		}
	}
}

// TestAnE164NumberIsItself: what was made once is made again of itself.
func TestAnE164NumberIsItself(t *testing.T) {
	t.Parallel()
	japan, err := phones.New("JP")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[+]?[0-9０-９・()（）様 -]{0,20}`).Draw(t, "text")
		once := japan.E164(text)
		if again := japan.E164(once); once != "" && again != once {
			t.Fatalf("%q became %q and then %q", text, once, again)
		}
	})
}

func TestANumberIsReadInTheCountryOfTheAddress(t *testing.T) {
	t.Parallel()
	japan, err := phones.New("JP")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, country, want string }{
		{"650-253-0000", "US", "+16502530000"},
		{"650-253-0000", "JP", ""},
		{"030 901820", "DE", "+4930901820"},
		{"090-1234-5678", "", "+819012345678"},
		{"090-1234-5678", "XX", "+819012345678"},
		{"+81 90 1234 5678", "US", "+819012345678"},
	} {
		if got := japan.PersonIn(c.text, c.country); got != c.want {
			t.Errorf("%q in %q is %q, want %q", c.text, c.country, got, c.want)
		}
	}
}

// TestOneNumberIsOneKeyOfAPerson has spellings of the table above as what orders show, and numbers that are no person's.
//
// covers: 001-03, 003-03
func TestOneNumberIsOneKeyOfAPerson(t *testing.T) {
	t.Parallel()
	japan, err := phones.New("JP")
	if err != nil {
		t.Fatal(err)
	}
	canonical := identity.Canonical{Phone: japan.PersonIn, Country: "JP"}
	for text, want := range map[string]string{
		"090-1234-5678": "+819012345678", "+81 90-1234-5678": "+819012345678", "０９０－１２３４－５６７８": "+819012345678",
		"+81 (0)90 1234 5678": "+819012345678", "090\u200b-1234-5678（自宅）": "+819012345678", "0081 90 1234 5678": "",
		"未登録": "", "000-0000-0000": "",
		// What is typed where no number is known, and numbers of companies: either would make one person of many.
		"080-1111-1111": "", "090-9999-9999": "", "03-3333-3333": "", "060-0000-0000": "", "080-0000-0000": "",
		"0120-123-456": "", "0800-123-4567": "", "0570-000-123": "", "+1 800-555-0199": "",
		"080-1111-1112": "+818011111112", "050-1234-5678": "+815012345678", "03-3213-1111": "+81332131111",
	} {
		got := canonical.Forms(identity.Shown{Phones: []string{text}})[identity.Phone]
		if (want == "") != (len(got) == 0) || want != "" && got[0] != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
