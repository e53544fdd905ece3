package decisions

import (
	"slices"
	"time"

	"pointbridge/domain/identity"
)

// sums are the digests of a print under the newest key, by kind.
type sums map[identity.Kind]map[[16]byte]bool

// raised brings every digest under the newest key. One that was made with a key that is not known here is left out: a
// program of before a new key can compare it with nothing.
func (s Service) raised(p identity.Print) sums {
	all := sums{}
	for kind, digests := range p {
		for _, d := range digests {
			up, known := s.raise(d)
			if !known {
				continue
			}
			if all[kind] == nil {
				all[kind] = map[[16]byte]bool{}
			}
			all[kind][up] = true
		}
	}
	return all
}

func (s Service) raise(d identity.Digest) (sum [16]byte, known bool) {
	up, err := s.Keys.WrapTo(d, s.Keys.Version())
	return up.Sum, err == nil
}

// sameAs lists the kinds of which a value is in both, like same, of a print that is compared once.
func (s Service) sameAs(own sums, p identity.Print) (kinds []identity.Kind) {
	for _, kind := range reported() {
		if mine := own[kind]; len(mine) > 0 && slices.ContainsFunc(p[kind], func(d identity.Digest) bool {
			sum, known := s.raise(d)
			return known && mine[sum]
		}) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// same lists the kinds of which a value is in both.
func (a sums) same(b sums) []identity.Kind {
	kinds := []identity.Kind{}
	for _, kind := range reported() {
		for sum := range a[kind] {
			if b[kind][sum] {
				kinds = append(kinds, kind)
				break
			}
		}
	}
	return kinds
}

// EmailWindow is how long an IP's e-mails are counted.
const EmailWindow = 24 * time.Hour

// facts says what is known, as kinds instead of digests.
func (s Service) facts(r Request, customerGID string, found Found, known Known, print identity.Print) Facts {
	f := Facts{Format: Format, Campaign: found.Status, Code: codeAt(r, found), Owner: ownerOf(customerGID, found),
		Blocked: known.Blocked, Uses: []PastUse{}}
	own := s.raised(print)
	pairs := make([][2]sums, 0, len(known.Pairs))
	for _, p := range known.Pairs {
		pairs = append(pairs, [2]sums{s.raised(p.A), s.raised(p.B)})
	}
	others := map[[16]byte]bool{}
	for _, u := range known.Uses {
		same := s.sameAs(own, u.Print)
		if u.Test || len(same) == 0 {
			continue
		}
		f.Uses = append(f.Uses, PastUse{OrderID: u.OrderID, Order: u.Order, Code: u.Code, At: u.At.UTC(), Same: same,
			Void: u.Void, Allowed: len(pairs) > 0 && apart(own, s.raised(u.Print), pairs), Passed: u.Passed})
		if age := r.At.Sub(u.At); slices.Contains(same, identity.IP) && age >= 0 && age <= EmailWindow {
			for _, d := range u.Print[identity.Email] {
				if sum, known := s.raise(d); known && !own[identity.Email][sum] {
					others[sum] = true
				}
			}
		}
	}
	f.EmailsPerIP = len(others)
	return f.Bounded(r)
}

// apart tells whether a verdict told the two persons apart.
func apart(a, b sums, pairs [][2]sums) bool {
	return slices.ContainsFunc(pairs, func(p [2]sums) bool {
		return len(a.same(p[0])) > 0 && len(b.same(p[1])) > 0 || len(a.same(p[1])) > 0 && len(b.same(p[0])) > 0
	})
}

// codeAt is how the code stood when it was shown: an order of before its end used a good one, and an order that used it
// finds it used by itself.
func codeAt(r Request, found Found) CodeState {
	if r.Code == "" {
		return CodeAbsent
	}
	ended := !found.EndsAt.IsZero() && !r.At.Before(found.EndsAt)
	switch found.Code {
	case CodeValid, CodeExpired:
		if ended || (found.Code == CodeExpired && found.EndsAt.IsZero()) {
			return CodeExpired
		}
		return CodeValid
	case CodeUsed:
		if r.OrderID != "" && found.UsedOrderID == r.OrderID {
			return CodeValid
		}
		return CodeUsed
	case CodeAbsent, "":
		return CodeUnknown
	default:
		return found.Code
	}
}

func ownerOf(customerGID string, found Found) Owner {
	switch {
	case found.OwnerGID == "":
		return OwnerAnybody
	case customerGID == "":
		return OwnerUnknown
	case found.OwnerGID == customerGID:
		return OwnerSame
	default:
		return OwnerOther
	}
}
