package domain

import (
	"testing"

	"pointbridge/test/expect"
)

func TestReadMailAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"taro@example.com":            "taro@example.com",
		"A.b+tag@Example.com":         "A.b+tag@Example.com",
		" taro@example.com ":          "taro@example.com",
		"taro..yamada.@docomo.ne.jp":  "taro..yamada.@docomo.ne.jp",
		".taro@ezweb.ne.jp":           ".taro@ezweb.ne.jp",
		"taro.@softbank.ne.jp":        "taro.@softbank.ne.jp",
		`"taro..yamada."@example.com`: `"taro..yamada."@example.com`,
		"ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍ":            "taro@example.com",
		"用户@例子.jp":                    "用户@例子.jp",
		"-taro@example.com":           "-taro@example.com",
		"":                            "", "taro": "", "@example.com": "", "taro@": "", "taro@@example.com": "",
		"...@example.com": "...@example.com", "taro@example..com": "", "taro@.example.com": "", "a@b.c, d@e.f": "",
		"Taro <taro@example.com>": "", "a@b.c(x)": "", "taro yamada@example.com": "",
		"taro..@example.com\r\nBcc: x@y.z": "", `ta"ro..@example.com`: "", "a..b,c@d.e": "", "a..b;c@d.e": "",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, ok := ReadMailAddress(text)
			if ok != (want != "") || ok && got != want {
				t.Errorf("read as %q, %v", got, ok)
			}
		})
	}
}

func TestDeliverable(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{"taro@example.com": true, "taro..yamada.@docomo.ne.jp": true,
		".taro@ezweb.ne.jp": true, "t-a-@example.com": true,
		"-taro@example.com": false, `"-taro"@example.com`: false} {
		expect.Equal(t, "Deliverable(address)", Deliverable(address), want, address)
	}
}
