package spreadsheet

import "testing"

func TestNoTextIsAFormula(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]struct{ text, cell string }{
		"":                      {"", ""},
		"a=b":                   {"a=b", "a=b"},
		"Yamada":                {"Yamada", "Yamada"},
		"=1+1":                  {"'=1+1", "'=1+1"},
		"@SUM(A1)":              {"'@SUM(A1)", "'@SUM(A1)"},
		"-1+cmd|' /C'!":         {"'-1+cmd|' /C'!", "'-1+cmd|' /C'!"},
		"\n=1":                  {"'\n=1", "'\n=1"},
		"＝1+1":                  {"'＝1+1", "'＝1+1"},
		"＠SUM(A1)":              {"'＠SUM(A1)", "'＠SUM(A1)"},
		"山田":                    {"山田", "山田"},
		"+819012345678":         {"'+819012345678", "+819012345678"},
		"-500":                  {"'-500", "-500"},
		"-99999999999999999999": {"'-99999999999999999999", "'-99999999999999999999"},
		"'=1":                   {"'=1", "'=1"},
	} {
		if got := Text(cell); got != want.text {
			t.Errorf("the text %q became %q", cell, got)
		}
		if got := Cell(cell); got != want.cell {
			t.Errorf("the cell %q became %q", cell, got)
		}
		if got := Read(Text(cell)); got != cell && cell != "'=1" {
			t.Errorf("%q was read as %q", cell, got)
		}
	}
}
