package identity

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func jp(zip, city, line1, line2 string) PostalAddress {
	return PostalAddress{Country: "JP", Zip: zip, Province: "東京都", City: city, Line1: line1, Line2: line2}
}

// japaneseHouses is a table of addresses of Japan: the lines of a group are one house, and groups are different ones.
var japaneseHouses = [][]PostalAddress{
	{
		jp("150-0001", "渋谷区", "神宮前1-2-3", ""), jp("1500001", "渋谷区", "神宮前１－２－３", ""),
		jp("〒150-0001", "渋谷区", "神宮前1丁目2番3号", ""), jp("１５０－０００１", "渋谷区", "神宮前一丁目二番三号", ""),
		jp("150-0001", "渋谷区", "神宮前1丁目2-3", "コーポ青山101号室"), jp("150-0001", "渋谷区", "神宮前1-2-3 101", ""),
		jp("150-0001", "渋谷区", "神宮前1-2-3-101", ""), jp("150-0001", "東京都渋谷区", "神宮前1-2-3", "#101"),
		jp("150-0001", "", "東京都渋谷区神宮前1-2-3", ""), jp("", "", "〒150-0001 東京都渋谷区神宮前1-2-3", ""),
		jp("150-0001", "渋谷区", "東京都渋谷区神宮前1-2-3", ""), jp("150-0001", "渋谷区", "渋谷区神宮前 1-2-3", ""),
		jp("150-0001", "渋谷区", "神宮前", "1-2-3 コーポ101"), jp("150-0001", "渋谷区", "神宮前1丁目", "2-3 コーポ"),
		jp("150-0001", "渋谷区", "神宮前1の2の3", ""), jp("150-0001", "渋谷区", "神宮前1ノ2ノ3", ""),
		jp("150-0001", "渋谷区", "神宮前1丁目2番地3", ""), jp("150-0001", "渋谷区", "神宮前1丁目2番地の3", ""),
		jp("150-0001", "渋谷区", "神宮前1丁目 2番 3号 4階", ""), jp("150-0001", "渋谷区", "神宮前1ー2ー3 スカイタワー", ""),
		jp("150-0001", "渋谷区", "神宮前1〜2～3", ""), jp("150-0001", "渋谷区", "神宮前 1 - 2 - 3", ""),
		jp("150-0001", "渋谷区", "神宮前一ー二ー三", ""), jp("150-0001", "渋谷区", "神宮前01-02-03", ""),
		jp("150-0001", "渋谷区", "神宮前1一2一3", ""), jp("150-0001", "渋谷区", "神宮前1-2-3第二ビル5F", ""),
		jp("150-0001", "渋谷区", "神宮前1‐2‑3", ""), jp("150-0001", "渋谷区", "神宮前1‒2–3", ""),
		jp("150-0001", "渋谷区", "神宮前1—2―3", ""), jp("150-0001", "渋谷区", "神宮前 1 2 3", ""),
		jp("150-0001", "渋谷区", "神宮前1.2.3", ""), jp("150-0001", "渋谷区", "神宮前1・2・3", ""),
		jp("150-0001", "渋谷区", "神宮前1─2⁃3", ""), jp("150-0001", "渋谷区", "〒150-0001 神宮前1-2-3", ""),
		jp("150-0001", "渋谷区", "神宮前 〒150-0001 1-2-3", ""), jp("150-0001", "渋谷区", "神宮前1−2ｰ3", ""),
		{Country: "日本", Zip: "150-0001", City: "渋谷区", Line1: "神宮前1-2-3"},
	},
	{jp("150-0001", "渋谷区", "神宮前1-2-4", "")},
	{jp("150-0001", "渋谷区", "神宮前1-2", ""), jp("150-0001", "渋谷区", "神宮前1-2 301号室", ""),
		jp("150-0001", "渋谷区", "神宮前1丁目2番 301", ""), jp("150-0001", "渋谷区", "神宮前1丁目2番地 301号室", "")},
	{jp("150-0001", "渋谷区", "神宮前11-2-3", "")}, {jp("150-0001", "渋谷区", "神宮前1-23", "")},
	{jp("150-0002", "渋谷区", "神宮前1-2-3", "")},
	{jp("106-0032", "港区", "六本木6-10-1", "六本木ヒルズ森タワー"), jp("106-0032", "港区", "六本木六丁目十番一号", "")},
	{jp("106-0032", "港区", "六本木6-11-1", ""), jp("106-0032", "港区", "六本木六丁目十一番一号", "")},
	{jp("102-0075", "千代田区", "三番町6-1", ""), jp("102-0075", "千代田区", "3番町6番地1", "")},
	{jp("102-0075", "千代田区", "四番町6-1", "")},
	{jp("060-0001", "札幌市中央区", "北1条西2丁目3-4", ""), jp("060-0001", "札幌市中央区", "北一条西二丁目三番地四", ""),
		jp("060-0001", "北海道札幌市中央区", "札幌市中央区北１条西２－３－４", "")},
	{jp("060-0001", "札幌市中央区", "北1条西3丁目3-4", "")},
	{jp("151-0051", "渋谷区", "千駄ヶ谷4-5-6", ""), jp("151-0051", "渋谷区", "千駄ケ谷4-5-6", ""),
		jp("151-0051", "渋谷区", "千駄が谷4丁目5-6", ""), jp("151-0051", "渋谷区", "千駄ｹ谷4-5-6", "")},
	{jp("105-0001", "港区", "虎ノ門1-2-3", ""), jp("105-0001", "港区", "虎の門1-2-3", "")},
	{jp("600-8216", "京都市下京区", "烏丸通七条下る東塩小路町721-1", ""),
		jp("600-8216", "京都市下京区", "烏丸通7条下ル東塩小路町721番地1", "")},
	{jp("920-0001", "金沢市", "千木町ホ12-3", ""), jp("920-0001", "金沢市", "千木町ホ12番地3", "")},
	{jp("920-0001", "金沢市", "千木町イ12-3", "")},
	{jp("386-0001", "上田市", "大字上田123番地の4", ""), jp("386-0001", "上田市", "上田123-4", "")},
	{jp("018-0001", "由利本荘市", "大字岩谷字町1234-5", ""), jp("018-0001", "由利本荘市", "岩谷町1234番地5", "")},
	{jp("013-0060", "横手市", "十文字町1-2", "")}, {jp("013-0060", "横手市", "十町1-2", "")},
	{jp("190-1201", "西多摩郡瑞穂町", "箱根ケ崎123", ""), jp("190-1201", "瑞穂町", "箱根ヶ崎123番地", "")},
	{jp("639-1001", "大和郡山市", "九条町1-2", ""), jp("639-1001", "奈良県大和郡山市", "九条町1番地2", "")},
	{jp("225-0001", "横浜市青葉区", "青葉区美しが丘1-2-3", ""), jp("225-0001", "神奈川県横浜市青葉区", "美しが丘1丁目2-3", "")},
	{jp("599-8231", "堺市中区", "深井沢町2丁100", ""), jp("599-8231", "堺市中区", "深井沢町2-100", "")},
	{jp("252-0001", "相模原市", "澤井1-2", ""), jp("252-0001", "相模原市", "沢井1-2", "")},
	{jp("100-0001", "千代田区", "ﾃｽﾄﾊﾞｼ1-2", ""), jp("100-0001", "千代田区", "テストバシ1-2", "")},
	{jp("899-0001", "志布志市", "百二十三番地", ""), jp("899-0001", "志布志市", "一二三番地", ""),
		jp("899-0001", "志布志市", "123番地", "")},
	{jp("089-0001", "清水町", "東3線北5号12番地", ""), jp("089-0001", "清水町", "東三線北五号12番地", "")},
	{jp("089-0001", "清水町", "東3線北5号13番地", "")},
	{jp("150-0001", "Shibuya-ku", "1-2-3 Jingumae", ""), jp("150-0001", "Shibuya", "Jingumae 1-2-3-101", ""),
		jp("150-0001", "Shibuya", "1-chome 2-3 Jingumae", "Corp 101"),
		jp("150-0001", "Shibuya", "Jingumae 1-chome 2-ban 3-go", ""),
		jp("150-0001", "Shibuya", "Tokyo 150-0001, Jingumae 1-2-3", "")},
	{jp("150-0001", "Shibuya-ku", "1-2-4 Jingumae", "")},
	{PostalAddress{Country: "JP", City: "渋谷区", Line1: "神宮前1-2-3"}, PostalAddress{Country: "JP",
		Line1: "東京都渋谷区神宮前1丁目2番3号"}},
}

// covers: 003-04
func TestTheSameHouseInJapanHasOneKey(t *testing.T) {
	t.Parallel()
	oneKeyEach(t, japaneseHouses)
}

func TestACountryThatIsNotSaidIsTheShops(t *testing.T) {
	t.Parallel()
	said := jp("150-0001", "渋谷区", "神宮前1-2-3", "")
	silent := said
	silent.Country = ""
	if a, b := address(said, ""), address(silent, "JP"); a == "" || a != b {
		t.Errorf("%q and %q", a, b)
	}
}

// covers: 003-04
func TestWhoeverWritesTheNumbersDifferentlyLivesInTheSameHouse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		town := rapid.SampledFrom([]string{"神宮前", "六本木", "三番町", "千駄ヶ谷", "八千代台北", "北一条西", "十三東"}).Draw(t, "town")
		n := [3]int{rapid.IntRange(1, 42).Draw(t, "chome"), rapid.IntRange(1, 198).Draw(t, "ban"),
			rapid.IntRange(1, 99).Draw(t, "go")}
		a, b := address(jp("1500001", "渋谷区", town+writtenNumbers(t, "a", n), ""), ""),
			address(jp("150-0001", "東京都渋谷区", town+writtenNumbers(t, "b", n), ""), "")
		if a == "" || a != b {
			t.Fatalf("%q and %q", a, b)
		}
		n[rapid.IntRange(0, 2).Draw(t, "which")]++
		if other := address(jp("1500001", "渋谷区", town+writtenNumbers(t, "other", n), ""), ""); other == a {
			t.Fatalf("another house has the key %q too", other)
		}
		fields := strings.Split(a, "|")
		if again := address(jp(fields[1], "", fields[2]+fields[3], ""), ""); again != a {
			t.Fatalf("%q became %q", a, again)
		}
	})
}

// writtenNumbers draws a way to write the numbers of a house, and what may stand behind them.
func writtenNumbers(t *rapid.T, label string, n [3]int) string {
	t.Helper()
	form := rapid.SampledFrom([]string{"%s-%s-%s", "%s丁目%s番%s号", "%s丁目%s番地%s", "%s丁目%s-%s", "%s丁目 %s番 %s号", "%sー%s−%s",
		"%sの%sの%s", "%s丁目%s番地の%s"}).Draw(t, label)
	write := rapid.SampledFrom([]func(int) string{
		func(i int) string { return fmt.Sprint(i) },
		func(i int) string { return strings.Map(cases[3], fmt.Sprint(i)) },
		inKanji,
	}).Draw(t, label+" digits")
	room := rapid.SampledFrom([]string{"", " 101", "-101", " コーポ青山101号室", "第三ビル", "　スカイハイツ２Ｆ"}).Draw(t, label+" room")
	if !strings.HasSuffix(form, "%s") && strings.HasPrefix(room, "-") {
		room = ""
	}
	return fmt.Sprintf(form, write(n[0]), write(n[1]), write(n[2])) + room
}

// inKanji writes a number below 200 as a letter has it: 百二十三.
func inKanji(n int) string {
	digit := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	text := ""
	if n >= 100 {
		text, n = "百", n-100
	}
	if n >= 20 {
		text += digit[n/10]
	}
	if n >= 10 {
		text, n = text+"十", n%10
	}
	return text + digit[n]
}
