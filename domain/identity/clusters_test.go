package identity

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// aPrint makes a print of letters per kind, each letter a digest.
func aPrint(values map[Kind]string) Print {
	print := Print{}
	for kind, letters := range values {
		for _, letter := range letters {
			print[kind] = append(print[kind], Digest{Key: 1, Sum: [16]byte{byte(letter)}})
		}
	}
	return print
}

var medium = Rule{Kinds: []Kind{Email, Phone, Address}, Threshold: 2, Alone: []Kind{Email}}

// covers: 002-05
func TestWhoMatchesIsOneCluster(t *testing.T) {
	t.Parallel()
	prints := []Print{
		aPrint(map[Kind]string{Email: "a", Phone: "1", Address: "x"}),
		aPrint(map[Kind]string{Email: "b", Phone: "2", Address: "y"}),
		aPrint(map[Kind]string{Email: "c", Phone: "1", Address: "x"}), // phone and address of the first
		aPrint(map[Kind]string{Email: "cb", Phone: "3"}),              // mail of the third, and of the second
		aPrint(map[Kind]string{Email: "d", Phone: "1"}),               // the phone of the first alone
		aPrint(map[Kind]string{Email: "e", IP: "9", Device: "8"}),     // kinds that are not counted
		aPrint(map[Kind]string{Email: "f", IP: "9", Device: "8"}),     //
		aPrint(map[Kind]string{Customer: "k"}), {}, aPrint(map[Kind]string{Customer: "k", Email: "g"}),
		{}, nil,
	}
	got := Clusters(prints, medium)
	want := []Cluster{
		{Members: []int{0, 1, 2, 3}, Kinds: []Kind{Address, Email, Phone}},
		{Members: []int{7, 9}, Kinds: []Kind{Customer}},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := Clusters(nil, medium); got != nil {
		t.Errorf("nobody makes %v", got)
	}
	if got := Clusters(prints, Rule{Kinds: Counted()}); len(got) != 1 {
		t.Errorf("without a threshold, counted kinds make %v", got)
	}
	if got := Clusters(prints, Rule{Kinds: Counted(), Threshold: 6}); len(got) != 1 {
		t.Errorf("a threshold that nobody reaches makes %v", got)
	}
}

// matches is the rule as a sentence, for two prints alone.
func (r Rule) matches(a, b Print) bool {
	counted := 0
	for _, kind := range a.Shared(b) {
		if kind == Customer || slices.Contains(r.Alone, kind) {
			return true
		}
		if slices.Contains(r.Kinds, kind) {
			counted++
		}
	}
	return r.Threshold > 0 && counted >= r.Threshold
}

// TestClustersAreWhatComparingEachWithEachGives compares with the slow way, and in another order of the prints.
func TestClustersAreWhatComparingEachWithEachGives(t *testing.T) {
	t.Parallel()
	kinds := append(Counted(), Customer, Name)
	rapid.Check(t, func(t *rapid.T) {
		prints := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Print {
			values := map[Kind]string{}
			for _, kind := range kinds {
				values[kind] = rapid.StringMatching(`[a-f]{0,2}`).Draw(t, string(kind))
			}
			return aPrint(values)
		}), 0, 14).Draw(t, "prints")
		rule := Rule{Kinds: rapid.SliceOfDistinct(rapid.SampledFrom(Counted()), rapid.ID).Draw(t, "kinds"),
			Threshold: rapid.IntRange(0, 5).Draw(t, "threshold"),
			Alone:     rapid.SliceOfDistinct(rapid.SampledFrom(Counted()), rapid.ID).Draw(t, "alone")}
		group := make([]int, len(prints))
		for i := range group {
			group[i] = i
			for j := range i {
				if rule.matches(prints[i], prints[j]) {
					from, to := max(group[i], group[j]), min(group[i], group[j])
					for k := range group {
						if group[k] == from {
							group[k] = to
						}
					}
				}
			}
		}
		var want [][]int
		for i := range group {
			var members []int
			for j := range group {
				if group[j] == i {
					members = append(members, j)
				}
			}
			if len(members) > 1 {
				want = append(want, members)
			}
		}
		var got [][]int
		for _, cluster := range Clusters(prints, rule) {
			got = append(got, cluster.Members)
			if len(cluster.Kinds) == 0 {
				t.Fatalf("%v was found by nothing", cluster)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

// TestAHundredThousandAppearances has an office whose network and address all of them show, and 10,000 people with ten
// appearances each.
func TestAHundredThousandAppearances(t *testing.T) {
	t.Parallel()
	const people, each = 10_000, 10
	number := func(n int) Digest { return Digest{Key: 1, Sum: [16]byte{byte(n), byte(n >> 8), byte(n >> 16), 1}} }
	prints := make([]Print, 0, people*each)
	for i := range people * each {
		prints = append(prints, Print{Email: {number(i)}, Phone: {number(i % people)}, Device: {number(i % people)},
			Address: {number(1)}, IP: {number(i % 3)}})
	}
	rule := Rule{Kinds: Counted(), Threshold: 3}
	found := Clusters(prints, rule)
	if len(found) != people {
		t.Fatalf("%d clusters", len(found))
	}
	for i, cluster := range found {
		if len(cluster.Members) != each || cluster.Members[0] != i || cluster.Members[1] != i+people {
			t.Fatalf("cluster %d is %v", i, cluster.Members)
		}
	}
	rule.Threshold = 1
	if one := Clusters(prints, rule); len(one) != 1 || len(one[0].Members) != len(prints) {
		t.Errorf("an address that all share makes %d clusters", len(one))
	}
}
