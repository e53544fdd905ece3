package identity

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func at(country, zip, line1, line2 string) PostalAddress {
	return PostalAddress{Country: country, Zip: zip, Line1: line1, Line2: line2, City: "Springfield"}
}

// houses is a table of addresses outside Japan: the lines of a group are one house, and groups are different ones.
var houses = [][]PostalAddress{
	{at("US", "12345", "123 Main St", ""), at("US", "12345", "123 Main Street Apt 4B", ""),
		at("us", "12345-6789", "123 MAIN ST.", "Unit 7"), at("US", "123456789", "123 Main Street, Apt. 4-B", ""),
		at("US", "12345", "123 Main St #4B", ""), at("US", "12345", "123 Main St # 4 B", ""),
		at("US", "12345", "123 Main St 4B", ""), at("US", "12345", "Apt 4B, 123 Main St", ""),
		at("US", "12345", "Suite 100", "123 Main Street"), at("US", "12345", "123 Main Street, 2nd Floor", ""),
		at("US", "12345", "123  main  str", "c/o Springfield Tools"), at("US", "12345", "１２３ Main St", ""),
		at("US", "12345", "Springfield Tower", "123 Main St"), at("United States", "12345", "123 Main St", ""),
		at("US", "12345", "123 Ma\u200bin St", "")},
	{at("US", "12345", "124 Main St", "")},
	{at("US", "12345", "1234 Main St", "")},
	{at("US", "12345", "12 Main St", "3")},
	{at("US", "12345", "123A Main St", "")},
	{at("US", "12345", "123 1/2 Main St", "")},
	{at("US", "12346", "123 Main St", "")},
	{at("CA", "12345", "123 Main St", "")},
	{at("US", "12345", "123 Main Ave", ""), at("US", "12345", "123 Main Avenue", "")},
	{at("US", "12345", "123 N Main St", ""), at("US", "12345", "123 North Main Street", "")},
	{at("US", "12345", "123 Main St N", ""), at("US", "12345", "123 Main St. North", "")},
	{at("US", "12345", "45-12 31st Ave", "")}, {at("US", "12345", "45-13 31st Ave", "")},
	{at("US", "12345", "45 5th Ave", ""), at("US", "12345", "45 Fifth Avenue", "")},
	{at("US", "12345", "123 E 400 S", "")}, {at("US", "12345", "123 E 500 S", "")},
	{at("US", "12345", "12 Highway 61", ""), at("US", "12345", "12 Hwy 61", "")},
	{at("US", "12345", "12 Highway 62", "")},
	{at("US", "12345", "PO Box 12", ""), at("US", "12345", "P.O. Box 12", "")}, {at("US", "12345", "PO Box 13", "")},
	{at("US", "12345", "99 St James St", ""), at("US", "12345", "99 Saint James Street", "")},
	{at("DE", "10115", "Hauptstraße 12", ""), at("DE", "10115", "Hauptstr. 12", ""),
		at("DE", "10115", "HAUPTSTRASSE 12", "3. OG"), at("DE", "10115", "Haupt-Str. 12, 3. Stock", ""),
		at("DE", "10115", "Haupt Straße 12", "Wohnung 5"), at("DE", "D-10115", "Hauptstraße 12", "")},
	{at("DE", "10115", "Hauptstraße 12a", ""), at("DE", "10115", "Hauptstr. 12 a", "")},
	{at("DE", "10115", "Hauptstraße 13", "")},
	{at("DE", "10115", "Müllerstraße 5", ""), at("DE", "10115", "Muellerstr. 5", ""),
		at("DE", "10115", "Mullerstrasse 5", "")},
	{at("DE", "10115", "Straße des 17. Juni 135", ""), at("DE", "10115", "Str. des 17. Juni 135", "")},
	{at("DE", "10115", "Straße des 17. Juni 136", "")},
	{at("AT", "1010", "Ring 12/3/7", ""), at("AT", "1010", "Ring 12/3", "")}, {at("AT", "1010", "Ring 13/3/7", "")},
	{at("FR", "75001", "12 rue de la Paix", ""), at("FR", "75001", "12, Rue de la Paix, 3 étage", "")},
	{at("FR", "75001", "12 bis rue de la Paix", "")},
	{at("IT", "00184", "Via Roma, 12", "Interno 3"), at("IT", "00184", "Via Roma 12", "")},
	{at("ES", "28013", "Calle Mayor 5, 3º B", ""), at("ES", "28013", "C. Mayor, 5", "")},
	{at("GB", "SW1A 1AA", "Flat 3, 12 High Street", ""), at("GB", "sw1a1aa", "12 High St", "")},
	{at("ES", "28013", "Calle Menor, 5 Bajo", "")}, {at("ES", "28013", "Calle Mediana, 5 Bajo", "")},
	{at("BR", "01310-200", "Av. Paulista, 1578 - Bela Vista", ""), at("BR", "01310200", "Avenida Paulista 1578", "")},
	{at("GB", "SW1A 1AA", "The Old Mill 12 Low St", "")}, {at("GB", "SW1A 1AA", "The Old Mill 12 Mid St", "")},
	{at("GB", "SW1A 1AA", "12-14 Low St", "Unit 4"), at("GB", "SW1A 1AA", "The Works, 12-14 Low Street", "")},
	{at("GB", "SW1A 1AA", "Rose Cottage", "High Street"), at("GB", "SW1A1AA", "rose cottage", "")},
	{at("AU", "2000", "3/12 High Street", ""), at("AU", "2000", "12 High St", "Unit 4"),
		at("AU", "2000", "Unit 3/12 High St", "")},
	{at("MX", "97000", "Calle 60 491", ""), at("MX", "97000", "C. 60 # 491", "")},
	{at("MX", "97000", "Calle 60 492", "")},
	{at("MX", "97000", "Calle 60 A 491", "")}, {at("MX", "97000", "Calle 60 A 492", "")},
	{at("US", "02113", "99 Elm St", ""), at("US", "2113", "99 Elm St", "")},
	{at("NL", "1016 AB", "Keizersgracht 123 hs", ""), at("NL", "1016AB", "Keizersgracht 123", "")},
	{at("CO", "110111", "Calle 5 # 12-34", "")},
	{at("CO", "110111", "Calle 5 # 12-35", "")}, {at("CO", "110111", "Calle 6 # 12-34", "")},
	{at("CN", "200000", "中山路123号", "")}, {at("CN", "200000", "中山路124号", "")},
	{at("KR", "06164", "테헤란로123길 45", "")}, {at("KR", "06164", "테헤란로123길 46", "")},
	{{Country: "US", City: "Saint Louis", Line1: "1 Elm St"},
		{Country: "US", City: "St. Louis", Line1: "1 Elm Street"}},
	{{Country: "US", City: "Springfield", Line1: "1 Elm St"}},
	{at("US", "53188", "N6W23001 Bluemound Rd", ""), at("US", "53188", "n6w23001 Bluemound Road Unit 5", "")},
	{at("US", "53188", "N6W23002 Bluemound Rd", "")},
}

// covers: 003-04
func TestTheSameHouseHasOneKey(t *testing.T) {
	t.Parallel()
	oneKeyEach(t, houses)
}

// oneKeyEach holds a table against the keys: within a group they are equal, between groups they differ.
func oneKeyEach(t *testing.T, groups [][]PostalAddress) {
	t.Helper()
	seen := map[string]PostalAddress{}
	for _, group := range groups {
		key := address(group[0], "")
		if key == "" {
			t.Errorf("%q is no signal", group[0])
			continue
		}
		if other, taken := seen[key]; taken {
			t.Errorf("%q and %q are different houses and have the key %q", group[0], other, key)
		}
		seen[key] = group[0]
		for _, spelling := range group {
			if got := address(spelling, ""); got != key {
				t.Errorf("%q is %q, but %q is %q", spelling, got, group[0], key)
			}
		}
	}
}

func TestAnAddressThatNamesNoHouseIsNoSignal(t *testing.T) {
	t.Parallel()
	for _, a := range []PostalAddress{
		{}, {Country: "US"}, {Country: "US", Zip: "12345"}, {Country: "US", Zip: "12345", City: "Springfield"},
		at("US", "12345", "Main St", ""), at("US", "12345", "123", ""), at("US", "12345", "Apt 4B", ""),
		at("US", "12345", "-", "."), at("AE", "", "Villa 12", ""), at("AE", "", "Jumeirah", ""),
		{Country: "US", Line1: "123 Main St"}, {Country: "JP", Zip: "1500001"},
		at("US", "12345", strings.Repeat("1 Main St ", 100), ""), at("US", "12345", "1 Main \xff St", ""),
		{Country: "JP", Zip: "150-0001", City: "渋谷区", Line1: "神宮前"}, {Country: "JP", Line1: "1-2-3"},
		{Country: "JP", Zip: "150-0001", Line1: "Jingumae 1"}, {Country: "JP", Line1: "1-2-3 Jingumae"},
	} {
		if got := address(a, ""); got != "" {
			t.Errorf("%q is %q", a, got)
		}
	}
}

// covers: 003-04
func TestWhoeverWritesTheAddressDifferentlyHasTheSameKey(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[1-9][0-9]{0,3}`).Draw(t, "number")
		streets := []string{"Main", "Saint James", "Oak Hill", "5th", "Élysée", "O'Neil"}
		street := rapid.SampledFrom(streets).Draw(t, "street")
		way := rapid.SampledFrom([][]string{{"St", "Street", "St.", "street"}, {"Ave", "Avenue", "AV."},
			{"Rd", "Road"}, {"Blvd", "Boulevard"}, {"Dr", "Drive"}, {"Ln.", "Lane"}}).Draw(t, "way")
		unit := rapid.SampledFrom([]string{"", " Apt 4B", ", Unit 12", " #3", " Suite 200", ", 2nd Floor"})
		written := func(name string) PostalAddress {
			line := number + " " + street + " " + rapid.SampledFrom(way).Draw(t, name) + unit.Draw(t, name+" unit")
			return at("US", "90210", strings.Map(rapid.SampledFrom(cases).Draw(t, name+" case"), line), "")
		}
		a, b := address(written("a"), ""), address(written("b"), "")
		if a == "" || a != b {
			t.Fatalf("%q and %q", a, b)
		}
		if other := address(at("US", "90210", number+"1 "+street+" "+way[0], ""), ""); other == a {
			t.Fatalf("another number has the key %q too", other)
		}
		fields := strings.Split(a, "|")
		again := address(PostalAddress{Country: fields[0], Zip: fields[1], Line1: fields[3] + " " + fields[2]}, "")
		if again != a {
			t.Fatalf("%q became %q", a, again)
		}
	})
}

var cases = []func(rune) rune{
	func(r rune) rune { return r },
	func(r rune) rune { return []rune(strings.ToUpper(string(r)))[0] },
	func(r rune) rune { return []rune(strings.ToLower(string(r)))[0] },
	func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r - '!' + '！'
		}
		return r
	},
}

func FuzzAddress(f *testing.F) {
	for _, group := range slices.Concat(houses, japaneseHouses) {
		f.Add(group[0].Country, group[0].Zip, group[0].City, group[0].Line1, group[0].Line2)
	}
	f.Fuzz(func(t *testing.T, country, zip, city, line1, line2 string) {
		a := PostalAddress{Country: country, Zip: zip, City: city, Line1: line1, Line2: line2}
		for _, form := range (Canonical{Country: "JP"}).Forms(Shown{Addresses: []PostalAddress{a}})[Address] {
			fields := strings.Split(form, "|")
			if !shown(form) || len(fields) != 4 || fields[2] == "" && fields[3] == "" {
				t.Errorf("%q is %q", a, form)
			}
		}
	})
}

// written are ways to write a street and a number, by country.
var written = map[string][]string{
	"US": {"{n} {s}", "{n} {s} Apt 4B", "Apt 4B, {n} {s}", "{n} {s} # 4", "Oak Tower, {n} {s}", "{n} {s}, 2nd Floor"},
	"GB": {"{n} {s}", "Flat 3, {n} {s}", "The Works, {n} {s}", "{n}, {s}"},
	"AU": {"3/{n} {s}", "Unit 3, {n} {s}", "{n} {s}", "Unit 3/{n} {s}"},
	"FR": {"{n} {s}", "{n}, {s}", "{n} {s}, 3 étage"},
	"DE": {"{s} {n}", "{s} {n}, 3. OG", "{s} {n} - 3. Stock"},
	"AT": {"{s} {n}", "{s} {n}, Top 7"},
	"IT": {"{s} {n}", "{s}, {n}", "{s}, {n}, Interno 3", "{s} {n} Int. 4"},
	"ES": {"{s} {n}", "{s}, {n}", "{s}, {n}, 3º B", "{s} {n}, Bajo"},
	"BR": {"{s} {n}", "{s}, {n}", "{s}, {n} - Centro", "{s}, {n} Apto 12"},
	"MX": {"{s} {n}", "{s} # {n}", "{s} {n}, Centro"},
}

// covers: 003-04
func TestAHouseAbroadHasOneKeyAndItsNeighboursHaveOthers(t *testing.T) {
	t.Parallel()
	countries := slices.Sorted(maps.Keys(written))
	streets := map[string][]string{"US": {"Main St", "5th Ave", "Highway 61", "St James Dr"},
		"GB": {"High Street", "Mill Lane"}, "AU": {"George Street", "Ocean Rd"}, "FR": {"rue de la Paix", "bd Voltaire"},
		"DE": {"Hauptstraße", "Müllerweg"}, "AT": {"Mariahilfer Straße", "Graben"}, "IT": {"Via Roma", "Corso Italia"},
		"ES": {"Calle Mayor", "Avenida del Sol"}, "BR": {"Av. Paulista", "Rua Augusta"},
		"MX": {"Calle 60", "Av. Juárez"}}
	rapid.Check(t, func(t *rapid.T) {
		country := rapid.SampledFrom(countries).Draw(t, "country")
		house := func(label, street string, number int) string {
			form := rapid.SampledFrom(written[country]).Draw(t, label)
			line := strings.NewReplacer("{n}", strconv.Itoa(number), "{s}", street).Replace(form)
			return address(at(country, "10115", line, ""), "")
		}
		street := rapid.SampledFrom(streets[country]).Draw(t, "street")
		number := rapid.IntRange(1, 400).Draw(t, "number")
		a, b := house("a", street, number), house("b", street, number)
		if a == "" || a != b {
			t.Fatalf("%q and %q", a, b)
		}
		if next := house("next", street, number+rapid.IntRange(1, 9).Draw(t, "further")); next == a {
			t.Fatalf("the next house has %q too", next)
		}
		for _, other := range streets[country] {
			if key := house("other", other, number); other != street && key == a {
				t.Fatalf("the street %q has %q too", other, key)
			}
		}
	})
}
