package shopify

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"pointbridge/test/expect"
)

func TestConfigAddresses(t *testing.T) {
	t.Parallel()
	for url, ok := range map[string]bool{
		"":                                      true,
		"https://example-store.myshopify.com":   true,
		"https://example-store.myshopify.com/":  true,
		"http://127.0.0.1:8080":                 true,
		"http://localhost:1":                    true,
		"http://[::1]:8080":                     true,
		"http://example-store.myshopify.com":    false,
		"https://example.com":                   false,
		"https://myshopify.com":                 false,
		"https://evil.com/.myshopify.com":       false,
		"https://a.myshopify.com.evil.com":      false,
		"https://a.myshopify.com:8443":          false,
		"https://u:p@a.myshopify.com":           false,
		"https://a.myshopify.com/x":             false,
		"https://a.myshopify.com?x=1":           false,
		"http://127.0.0.1.example.com":          false,
		"http://10.0.0.1":                       false,
		"ftp://127.0.0.1":                       false,
		"://":                                   false,
		"https://example-store.myshopify.com#x": false,
	} {
		cfg := testConfig()
		cfg.APIURL = url
		_, err := New(cfg, &http.Client{})
		expect.Equal(t, "err == nil", err == nil, ok, url, err)
	}
}

func TestConfigNamesEveryFault(t *testing.T) {
	t.Parallel()
	_, err := New(Config{Shop: "example.com", APIURL: "https://example.com", APIVersion: "latest",
		MetafieldNamespace: "x", MetafieldKey: "y", ClientID: "id"}, &http.Client{})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, part := range []string{"the shop", "API version", "namespace", "key", "client id and secret", "API URL"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not named in %v", part, err)
		}
	}
}

func TestConfigPrintsNoSecret(t *testing.T) {
	t.Parallel()
	cfg := testConfig()
	cfg.ClientSecret = clientSecret
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", cfg)
	text := fmt.Sprintf("%v %+v %#v %s", cfg, cfg, cfg, log.String())
	if strings.Contains(text, secretToken) || strings.Contains(text, clientSecret) {
		t.Error(text)
	}
}

func TestNewLeavesTheCallersClientAlone(t *testing.T) {
	t.Parallel()
	hc := &http.Client{}
	if _, err := New(testConfig(), hc); err != nil || hc.CheckRedirect != nil {
		t.Errorf("%v, CheckRedirect set: %v", err, hc.CheckRedirect != nil)
	}
}

func TestNamesOfMetafields(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 256)
	for names, good := range map[[2]string]bool{
		{"$app", "coupons"}: true, {"$app:" + long[:200], "coupons"}: true, {"$app:" + long[:201], "coupons"}: false,
		{"$app:", "coupons"}: false, {"$application", "coupons"}: false, {"$app:a:b", "coupons"}: false,
		{"abc", "ab"}: true, {"ab", "ab"}: false, {long[:255], long[:64]}: true, {long, "ab"}: false, {"a c", "ab"}: false,
		{"abc", "a"}: false, {"abc", long[:65]}: false, {"abc", "a.b"}: false, {"", ""}: false, {"abc\n", "ab"}: false,
	} {
		if NamesMetafield(names[0], names[1]) != good {
			t.Errorf("%q, of %d and %d characters: want %v", names, len(names[0]), len(names[1]), good)
		}
	}
}
