package demo

import (
	"strconv"
)

// person is somebody who exists in the demo's POS and shop.
type person struct {
	ID      string
	Name    string
	Kana    string
	Email   string
	Locale  string
	Points  int64
	Shopify string
}

// People are the demo's customers: the two whose stories the documentation tells first, then a few dozen more. Those
// without an address get no mail, so the mailbox starts empty although they have coupons.
func People() []person {
	list := []person{
		{ID: "8812370934", Name: "Yamada Taro", Kana: "ヤマダ タロウ", Email: "yamada.taro@example.com", Locale: "ja", Points: 1250},
		{ID: "12345", Name: "Suzuki Hanako", Kana: "スズキ ハナコ", Email: "suzuki.hanako@example.com", Locale: "ja", Points: 3400},
		{ID: "20001", Name: "Emily Carter", Email: "emily.carter@example.com", Locale: "en", Points: 2100},
		{ID: "20002", Name: "Noah Fischer", Email: "noah.fischer@example.com", Locale: "en", Points: 90},
	}
	names := []string{
		"佐藤 健", "鈴木 美咲", "高橋 翔", "田中 陽菜", "伊藤 蓮", "渡辺 結衣", "山本 大輔", "中村 葵", "小林 拓也",
		"加藤 さくら", "吉田 直樹", "山田 花", "佐々木 亮", "山口 真由", "松本 海斗", "井上 千尋", "木村 颯太",
		"林 美穂", "斎藤 隆", "清水 彩", "山崎 誠", "森 遥", "池田 悠斗", "橋本 愛", "Olivia Brown", "Liam Murphy",
		"Mia Rossi", "Lucas Martin", "Ava Novak", "Ethan Lee",
	}
	for i, name := range names {
		list = append(list, person{ID: memberID(i), Name: name, Locale: localeOf(i), Points: int64(400 + i*i*7%6000)})
	}
	for i := range list {
		list[i].Shopify = shopifyID(i)
	}
	return list
}

func memberID(i int) string { return strconv.Itoa(8810000000 + i*7919) }

func shopifyID(i int) string { return "gid://shopify/Customer/" + strconv.Itoa(7001000001+i) }

func localeOf(i int) string {
	if i >= 24 {
		return "en"
	}
	return "ja"
}
