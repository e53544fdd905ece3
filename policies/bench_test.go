package policies

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// worst is the policy of a merchant who makes as many roles as can be, inherits and gives everything that can be given,
// one by one.
func worst(tb testing.TB) *Enforcer {
	tb.Helper()
	var text strings.Builder
	every := rightsOf(tb)
	for i := range MaxRoles {
		role := fmt.Sprintf("a_role_with_a_rather_long_name_%03d", i)
		fmt.Fprintf(&text, "g, %s, store_manager\ng, %s, pos\n", role, role)
		for _, r := range every {
			if r != manage {
				fmt.Fprintf(&text, "p, %s, %s, %s\n", role, r.object, r.action)
			}
		}
	}
	e, faults, err := combine(text.String())
	if err != nil || len(faults) > 0 {
		tb.Fatal(err, faults)
	}
	return e
}

func rightsOf(tb testing.TB) []right {
	tb.Helper()
	e, err := New()
	if err != nil {
		tb.Fatal(err)
	}
	return e.rights
}

// BenchmarkLoad is what the worst policy adds to a start.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		worst(b)
	}
}

// BenchmarkDecision is what a decision costs, with the shipped policy and with the worst one: "cold" the first about a
// role and a right, which Casbin decides by its rules, the others what it remembers.
func BenchmarkDecision(b *testing.B) {
	shipped, err := New()
	if err != nil {
		b.Fatal(err)
	}
	largest := worst(b)
	for name, e := range map[string]*Enforcer{"shipped": shipped, "worst": largest} {
		b.Run(name, func(b *testing.B) { measure(b, e, 1) })
		b.Run(name+"-parallel", func(b *testing.B) { measure(b, e, 4) })
		b.Run(name+"-cold", func(b *testing.B) {
			var took []time.Duration
			roles := e.book.All()
			role := roles[len(roles)-1]
			for b.Loop() {
				if err := e.casbin[role].InvalidateCache(); err != nil {
					b.Fatal(err)
				}
				began := time.Now()
				e.Allow(role, "conversions", "create")
				took = append(took, time.Since(began))
			}
			report(b, took)
		})
	}
}

// measure asks about every role and right in turn, from several sides at once.
func measure(b *testing.B, e *Enforcer, sides int) {
	roles := e.book.All()
	e.All()
	var mu sync.Mutex
	var all []time.Duration
	b.SetParallelism(sides)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		var took []time.Duration
		for pb.Next() {
			role, r := roles[rand.IntN(len(roles))], e.rights[rand.IntN(len(e.rights))]
			began := time.Now()
			e.Allow(role, r.object, r.action)
			took = append(took, time.Since(began))
		}
		mu.Lock()
		all = append(all, took...)
		mu.Unlock()
	})
	report(b, all)
}

func report(b *testing.B, took []time.Duration) {
	b.Helper()
	slices.Sort(took)
	at := func(part float64) float64 { return float64(took[int(part*float64(len(took)-1))].Nanoseconds()) }
	b.ReportMetric(at(0.5), "p50-ns")
	b.ReportMetric(at(0.99), "p99-ns")
	b.ReportMetric(at(1), "max-ns")
}
