package shopify

import (
	"regexp"
	"testing"
)

// TestTexts: the pages ask for nothing that is not there, and nothing is there in one language only.
func TestTexts(t *testing.T) {
	t.Parallel()
	used := regexp.MustCompile(`(?:\$|\$v)?\.Tf? "([a-z_]+)"`)
	for _, name := range []string{"layout", "shop", "orders", "deliveries"} {
		page, err := frontFiles.ReadFile("front/" + name + ".html")
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range used.FindAllSubmatch(page, -1) {
			if texts[string(match[1])].en == "" {
				t.Errorf("%s asks for %q", name, match[1])
			}
		}
	}
	keys := []string{"refused_other_reason", "refused_minimum", "refused_early", "status_paid", "status_voided",
		"status_refunded", "status_partially_refunded"}
	for _, refused := range refusedTexts {
		keys = append(keys, refused.key)
	}
	for _, reason := range lowerReasons() {
		keys = append(keys, "reason_"+reason)
	}
	for _, state := range []DeliveryState{Waiting, Held, Delivered, Lost, GivenUp} {
		keys = append(keys, "state_"+string(state))
	}
	for _, key := range keys {
		if texts[key].en == "" {
			t.Errorf("%q has no text", key)
		}
	}
	for key, text := range texts {
		if text.en == "" || text.ja == "" {
			t.Errorf("%q is not in both languages", key)
		}
	}
}
