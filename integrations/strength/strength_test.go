package strength_test

import (
	"strings"
	"testing"

	"pointbridge/integrations/strength"
)

func TestScore(t *testing.T) {
	t.Parallel()
	about := []string{
		"yui.okada@example.com",
		"Okada Yui",
		"yui",
		"okada",
		"example",
		"com",
		"Pointbridge Demo Shop",
		"pointbridge",
		"demo",
		"shop",
	}
	for password, good := range map[string]bool{
		"correct horse battery":           true,
		"b7f2k-9xq3m-2wtra-h8c4n":         true,
		"雨上がりの朝に歩く亀":                      true,
		"password1234":                    false,
		"passwordpassword":                false,
		"qwertyuiop123":                   false,
		"yui.okada@example.com":           false,
		"okadaYuiOkadaYui":                false,
		"yuiokada.pointbridge.demo":       false,
		"Okada keeps seven lanterns":      true,
		"okadapointbridge":                false,
		"pointbridge123":                  false,
		strings.Repeat("a", 256):          false,
		strings.Repeat("abc12345", 30):    false,
		strings.Repeat("長", 64) + "x9q7z": true,
	} {
		if score := (strength.Meter{}).Score(password, about); (score >= 3) != good {
			t.Errorf("%q has the score %d, good enough: %v", password, score, good)
		}
	}
}
