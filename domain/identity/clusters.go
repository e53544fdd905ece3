package identity

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"sort"
)

// Rule says when two appearances are one person's: the same shop customer, or the same in a kind of Alone, or the same
// in at least Threshold of Kinds. A threshold below one leaves the counted kinds out.
type Rule struct {
	Kinds     []Kind
	Threshold int
	Alone     []Kind
}

// Cluster is one person's appearances.
type Cluster struct {
	// Members are the places of the prints, ascending.
	Members []int
	// Kinds are those by which members were found to be the same, in the order of their names.
	Kinds []Kind
}

// Clusters finds who appears more than once: appearances that match, directly or by way of others, are one cluster.
// Clusters come in the order of their first member, and whoever appears once is in none.
//
// Two prints match in n kinds exactly when they have one choice of n kinds and of one digest of each in common. So each
// print is filed under each such choice, and what lies in one place is joined: the work grows with the number of prints
// and not with its square, however many of them share the network of an office. Five kinds with one digest each make
// ten choices of two; with five digests each, of which Forms gives no more, 250. What a print has beyond five digests
// of a kind is not looked at.
func Clusters(prints []Print, rule Rule) []Cluster {
	same := newJoin(len(prints))
	alone := slices.Compact(slices.Sorted(slices.Values(append([]Kind{Customer}, rule.Alone...))))
	for _, kind := range alone {
		same.by([]Kind{kind}, prints)
	}
	kinds := slices.Compact(slices.Sorted(slices.Values(rule.Kinds)))
	if rule.Threshold > 0 {
		for _, chosen := range choices(kinds, rule.Threshold) {
			same.by(chosen, prints)
		}
	}
	return same.clusters()
}

// choices lists the ways to take n of the kinds.
func choices(kinds []Kind, n int) [][]Kind {
	if n == 0 {
		return [][]Kind{nil}
	}
	var all [][]Kind
	for i := range kinds {
		for _, rest := range choices(kinds[i+1:], n-1) {
			all = append(all, append([]Kind{kinds[i]}, rest...))
		}
	}
	return all
}

// join is a forest of appearances that were found to be the same.
type join struct {
	parent []int
	links  []link
}

// link is one finding: an appearance is the same as another, by some kinds.
type link struct {
	member int
	kinds  []Kind
}

func newJoin(size int) *join {
	j := &join{parent: make([]int, size)}
	for i := range j.parent {
		j.parent[i] = i
	}
	return j
}

func (j *join) root(i int) int {
	for j.parent[i] != i {
		j.parent[i] = j.parent[j.parent[i]]
		i = j.parent[i]
	}
	return i
}

// by joins the prints that have a digest of each kind in common.
func (j *join) by(kinds []Kind, prints []Print) {
	first := make(map[[sha256.Size]byte]int, len(prints)) // hashes are of one size and hold no pointers
	buffer := make([]byte, 0, len(kinds)*(4+len(Digest{}.Sum)))
	for i, print := range prints {
		linked := false
		eachChoice(buffer, kinds, print, func(choice []byte) {
			key := sha256.Sum256(choice)
			other, seen := first[key]
			if !seen {
				first[key] = i
				return
			}
			if other == i {
				return
			}
			a, b := j.root(other), j.root(i)
			j.parent[max(a, b)] = min(a, b)
			if !linked {
				linked, j.links = true, append(j.links, link{i, kinds})
			}
		})
	}
}

// eachChoice files each choice of one digest of each kind.
func eachChoice(chosen []byte, kinds []Kind, print Print, file func([]byte)) {
	if len(kinds) == 0 {
		file(chosen)
		return
	}
	digests := print[kinds[0]]
	for _, d := range digests[:min(mostValues, len(digests))] {
		longer := binary.BigEndian.AppendUint32(chosen, uint32(d.Key)) //nolint:gosec // versions are few
		eachChoice(append(longer, d.Sum[:]...), kinds[1:], print, file)
	}
}

func (j *join) clusters() []Cluster {
	members, kinds := map[int][]int{}, map[int]map[Kind]bool{}
	for i := range j.parent {
		members[j.root(i)] = append(members[j.root(i)], i)
	}
	for _, link := range j.links {
		root := j.root(link.member)
		if kinds[root] == nil {
			kinds[root] = map[Kind]bool{}
		}
		for _, kind := range link.kinds {
			kinds[root][kind] = true
		}
	}
	var found []Cluster
	for root, them := range members {
		if len(them) > 1 {
			found = append(found, Cluster{Members: them, Kinds: slices.Sorted(maps.Keys(kinds[root]))})
		}
	}
	sort.Slice(found, func(a, b int) bool { return found[a].Members[0] < found[b].Members[0] })
	return found
}
