package scan

import (
	"cmp"
	"slices"

	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// looked are the kinds by each of which people are looked for alone.
var looked = []identity.Kind{identity.Email, identity.Phone, identity.Address, identity.Name}

// tried are the presets that are tried, the mildest first.
var tried = []decisions.Preset{decisions.Basic, decisions.Medium, decisions.High}

// newest is how many earlier uses with one value are looked at, as where a decision is made.
const newest = 200

// fill works out what the uses, oldest first, tell.
func (r *Report) fill(uses []*use) {
	r.Uses = len(uses)
	orders := map[string]bool{}
	for _, u := range uses {
		orders[u.OrderID] = true
	}
	r.Orders = len(orders)
	families := byFamily(uses)
	for _, preset := range tried {
		r.Presets = append(r.Presets, try(preset, families, r.Days))
	}
	for _, kind := range looked {
		r.By = append(r.By, alone(kind, families, r.Days))
	}
	strictest := decisions.NewPolicy(decisions.High)
	rule := identity.Rule{Kinds: strictest.Signals, Threshold: strictest.Threshold, Alone: strictest.Alone}
	for _, family := range families {
		for _, c := range clustered(family, rule) {
			found := Cluster{Family: family[0].family, Kinds: c.Kinds, Loss: lossOf(again(family, c), r.Days)}
			for _, i := range c.Members {
				found.Uses = append(found.Uses, family[i].Use)
			}
			r.Clusters = append(r.Clusters, found)
		}
	}
	slices.SortStableFunc(r.Clusters, func(a, b Cluster) int {
		return cmp.Or(cmp.Compare(b.Loss.Sum.Minor, a.Loss.Sum.Minor), cmp.Compare(b.Loss.Uses, a.Loss.Uses),
			cmp.Compare(a.Family, b.Family))
	})
}

// byFamily keeps the uses' order within each family; the families are in the order of their names.
func byFamily(uses []*use) [][]*use {
	of := map[string][]*use{}
	var names []string
	for _, u := range uses {
		if of[u.family] == nil {
			names = append(names, u.family)
		}
		of[u.family] = append(of[u.family], u)
	}
	slices.Sort(names)
	families := make([][]*use, 0, len(names))
	for _, name := range names {
		families = append(families, of[name])
	}
	return families
}

func clustered(family []*use, rule identity.Rule) []identity.Cluster {
	prints := make([]identity.Print, 0, len(family))
	for _, u := range family {
		prints = append(prints, u.print)
	}
	return identity.Clusters(prints, rule)
}

// again are a person's uses beyond the first one.
func again(family []*use, c identity.Cluster) []*use {
	var list []*use
	for _, i := range c.Members[1:] {
		list = append(list, family[i])
	}
	return list
}

// alone looks for people by one kind, and by nothing else: also the shop's customer is left aside.
func alone(kind identity.Kind, families [][]*use, days int) ByKind {
	found := ByKind{Kind: kind}
	var beyond []*use
	for _, family := range families {
		prints := make([]identity.Print, 0, len(family))
		for _, u := range family {
			prints = append(prints, identity.Print{kind: u.print[kind]})
		}
		for _, c := range identity.Clusters(prints, identity.Rule{Alone: []identity.Kind{kind}}) {
			found.Clusters++
			found.Uses += len(c.Members)
			beyond = append(beyond, again(family, c)...)
		}
	}
	found.Again, found.Loss = len(beyond), lossOf(beyond, days)
	return found
}

// try decides about every use under a preset, by the uses before it, as the order would have been decided about. It
// notes on the uses that would have been refused which preset would have done so.
func try(preset decisions.Preset, families [][]*use, days int) Preset {
	result := Preset{Preset: preset}
	policy := decisions.NewPolicy(preset)
	var refused []*use
	for _, family := range families {
		seen := index{}
		for i, u := range family {
			answer := decisions.Decide(decisions.Request{Stage: decisions.StageOrder, At: u.At, OrderID: u.OrderID,
				Code: u.Code}, policy, decisions.Facts{Campaign: decisions.CampaignLive, Code: decisions.CodeValid,
				Owner: decisions.OwnerAnybody, Uses: seen.like(family, u.print)})
			switch answer.Outcome {
			case decisions.Allow:
				result.Allowed++
			case decisions.AllowFlagged:
				result.Flagged++
			case decisions.Refuse:
				result.Refused++
				u.RefusedBy = append(u.RefusedBy, preset)
				refused = append(refused, u)
			}
			seen.add(i, u.print)
		}
	}
	result.Loss = lossOf(refused, days)
	return result
}

// index finds uses by what they showed.
type index map[mark][]int

type mark struct {
	kind   identity.Kind
	digest identity.Digest
}

func (x index) add(at int, print identity.Print) {
	for kind, digests := range print {
		for _, d := range digests {
			m := mark{kind, d}
			x[m] = append(x[m], at)
		}
	}
}

// like gives the uses that have something in common with a print, and what.
func (x index) like(family []*use, print identity.Print) []decisions.PastUse {
	same := map[int][]identity.Kind{}
	for kind, digests := range print {
		for _, d := range digests {
			list := x[mark{kind, d}]
			for _, at := range list[max(0, len(list)-newest):] {
				if !slices.Contains(same[at], kind) {
					same[at] = append(same[at], kind)
				}
			}
		}
	}
	uses := make([]decisions.PastUse, 0, len(same))
	for at, kinds := range same {
		u := family[at]
		uses = append(uses, decisions.PastUse{OrderID: u.OrderID, Order: u.Order, Code: u.Code, At: u.At, Same: kinds})
	}
	return uses
}
