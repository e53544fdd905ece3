package domain

import "testing"

func TestSpokenName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"山田 太郎": "山田 太郎", " Taro\nYamada ": "Taro Yamada", "王": "王", "O'Neil": "O'Neil", "ノア": "ノア",
		"Nan": "Nan", "J.": "J.", "": "", " ": "", "-": "", "－": "", "ー": "", "ーー": "", "--- ---": "", "***": "",
		"?": "", "1": "", "未入力": "", "未登録": "", "ゲスト": "", "NULL": "", "ｎｕｌｌ": "", "N/A": "",
		"No Name": "", "undefined": "", "。": "",
	} {
		if got := SpokenName(name); got != want {
			t.Errorf("%q is said as %q, want %q", name, got, want)
		}
	}
}
