package identity

import (
	"strings"
	"unicode"

	"pointbridge/domain"
)

// foldUnseen reads a text as somebody meant it who typed it on a Japanese keyboard or pasted it from a page: width is
// folded and signs without width are gone.
func foldUnseen(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case domain.IsZeroWidth(r):
			return -1
		case r == '。', r == '｡':
			return '.'
		}
		return r
	}, domain.FoldWidth(text))
}

// FoldLetters goes further, for addresses and names, which nobody writes twice alike: case, half-width kana, marks on
// letters, and characters in their older form are folded as well.
func FoldLetters(text string) string {
	var out strings.Builder
	for _, r := range joinVoiced(domain.FoldWidth(text)) {
		switch plain, ok := plainOf[unicode.ToLower(r)]; {
		case ok:
			out.WriteString(plain)
		case domain.IsZeroWidth(r), unicode.Is(unicode.Mn, r):
		case unicode.IsSpace(r), unicode.IsControl(r):
			out.WriteByte(' ')
		default:
			out.WriteRune(unicode.ToLower(r))
		}
	}
	return out.String()
}

const halfKana = "ｦｧｨｩｪｫｬｭｮｯｰｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ"
const fullKana = "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"

var wideOf = pairs(halfKana, fullKana)

// voiced are the kana that a mark of their own can follow; the voiced kana is the next character, the one with a ring
// the one after.
const voiced = "カキクケコサシスセソタチツテトハヒフヘホかきくけこさしすせそたちつてとはひふへほ"
const ringed = "ハヒフヘホはひふへほ"

// joinVoiced widens half-width kana and joins a kana with the mark that follows it, as half-width texts and file names
// of a Mac have it.
func joinVoiced(text string) []rune {
	out := make([]rune, 0, len(text))
	for _, r := range text {
		last := len(out) - 1
		switch wide, ok := wideOf[r]; {
		case ok:
			out = append(out, wide)
		case last >= 0 && strings.ContainsRune("ﾞ゛\u3099", r) && strings.ContainsRune(voiced, out[last]):
			out[last]++
		case last >= 0 && strings.ContainsRune("ﾟ゜\u309a", r) && strings.ContainsRune(ringed, out[last]):
			out[last] += 2
		default:
			out = append(out, r)
		}
	}
	return out
}

// plainOf writes letters with marks as the ones without, and characters in an older or a rarer form as the usual one.
// Two places of one town that differ in nothing but such a pair are not known.
var plainOf = func() map[rune]string {
	found := map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th", 'ĳ': "ij"}
	for plain, marked := range map[string]string{
		"a": "àáâãäåāăąǎạảấầẩẫậắằẳẵặ", "c": "çćĉċč", "d": "ďđð", "e": "èéêëēĕėęěẹẻẽếềểễệ", "g": "ĝğġģ", "h": "ĥħ",
		"i": "ìíîïĩīĭįıỉị", "j": "ĵ", "k": "ķ", "l": "ĺļľŀł", "n": "ñńņňŉ", "o": "òóôõöøōŏőơọỏốồổỗộớờởỡợ", "r": "ŕŗř",
		"s": "śŝşšșſ", "t": "ţťŧț", "u": "ùúûüũūŭůűųưụủứừửữự", "w": "ŵ", "y": "ýÿŷỳỵỷỹ", "z": "źżž",
	} {
		for _, r := range marked {
			found[r] = plain
		}
	}
	for old, usual := range pairs(oldKanji+doubledKanji, newKanji+usualKanji) {
		found[old] = string(usual)
	}
	return found
}()

const oldKanji = "澤濱邊邉嶋齋廣國櫻瀧龍﨑髙鷗檜籠曾與鹽龜條淵槇彌壽榮澁惠藏圓舊縣區眞應會學鐵關靜溪瀨德嶽峯舘舩發豐驛巿莵"
const newKanji = "沢浜辺辺島斎広国桜滝竜崎高鴎桧篭曽与塩亀条渕槙弥寿栄渋恵蔵円旧県区真応会学鉄関静渓瀬徳岳峰館船発豊駅市菟"

// doubledKanji are the characters that Unicode has twice because Japanese character sets had them twice (JIS X 0213 and
// IBM's): 宝塚 is written with either 塚. Keyboards and till systems give the second one. What each is the same as is
// Unicode's own word, to which a test holds these lists.
const doubledKanji = "\uf91d\uf928\uf929\uf936\uf970\uf9d0\uf9dc\ufa20" +
	"\ufa10\ufa12\ufa15\ufa16\ufa17\ufa18\ufa19\ufa1a\ufa1b\ufa1c\ufa1d\ufa1e\ufa22\ufa25\ufa26\ufa2a\ufa2b" +
	"\ufa2c\ufa2d\ufa30\ufa31\ufa32\ufa33\ufa34\ufa35\ufa36\ufa37\ufa38\ufa39\ufa3a\ufa3b\ufa3d\ufa3e\ufa3f" +
	"\ufa40\ufa41\ufa42\ufa43\ufa44\ufa45\ufa46\ufa47\ufa48\ufa4a\ufa4b\ufa4c\ufa4d\ufa4e\ufa4f\ufa50\ufa51" +
	"\ufa52\ufa53\ufa54\ufa55\ufa56\ufa57\ufa58\ufa59\ufa5a\ufa5b\ufa5c\ufa5f\ufa60\ufa61\ufa62\ufa63\ufa64" +
	"\ufa65\ufa67\ufa68\ufa69\ufa6a"
const usualKanji = "欄廊朗虜殺類隆蘒塚晴凞猪益礼神祥福靖精羽諸逸都飯飼館鶴侮僧免勉勤卑喝嘆器塀墨層悔慨憎懲敏既暑梅海渚漢煮琢碑社祉祈祐祖祝禍禎穀突節練縉繁署者臭著褐視謁謹賓贈逸難響頻"

func pairs(from, to string) map[rune]rune {
	found, target := map[rune]rune{}, []rune(to)
	for i, r := range []rune(from) {
		found[r] = target[i]
	}
	return found
}

// shown tells a text that can be a signal at all: not empty, not absurdly long, and made of characters.
func shown(text string) bool {
	return text != "" && len(text) <= 4*longest && len([]rune(text)) <= longest && !strings.ContainsRune(text, '\ufffd')
}
