package process

import (
	"fmt"
	"net/http"
	"testing"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestTheSchemaGrowsUnderWhoServes: a newer release's migration adds a column to every table while processes convert
// that know nothing of it. Nobody is told of a fault, only at worst to come again, the processes stay ready, and the next
// one that starts joins them.
// What a release removes or requires is what TestANewerSchemaOnlyExpands looks for.
func TestTheSchemaGrowsUnderWhoServes(t *testing.T) {
	t.Parallel()
	b := world.NewProcesses(t, storetest.Postgres(t), "CONVERT_WAIT=60s", "LOG_LEVEL=warn")
	serving := []*world.Proc{b.Start(), b.Start()}
	t.Cleanup(func() {
		for _, p := range serving {
			if t.Failed() {
				t.Log(p.Log.String())
			}
		}
	})
	tables := tablesOf(t, b)
	var members []string
	for range 2*len(serving)*(len(tables)+1) + 6 {
		members = append(members, b.Member(serving[0]))
	}
	waiting := members
	// beside makes conversions, has something done while they are on their way, and wants a coupon for each.
	beside := func(what string, act func()) {
		answers := map[string]chan world.Reply{}
		for i := range 2 * len(serving) {
			m := waiting[0]
			waiting = waiting[1:]
			p, answered := serving[i%len(serving)], make(chan world.Reply, 1)
			answers[m] = answered
			go func() { answered <- untilServed(p, m) }()
		}
		act()
		for m, answered := range answers {
			got := world.Await(t, "an answer", answered)
			expect.Equal(t, fmt.Sprintf("the answer to %s beside %s", m, what), got.Status, http.StatusCreated, got.Raw,
				got.Err)
		}
	}
	beside("nothing", func() {})
	for _, table := range tables {
		beside(table, func() { grow(t, b, `ALTER TABLE "`+table+`" ADD COLUMN next_release text DEFAULT 'x'`) })
	}
	grow(t, b, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)`)
	serving = append(serving, b.Start())
	beside("a process of the grown schema", func() {})
	for _, p := range serving {
		world.Eventually(t, p.Base+" is ready", func() bool {
			return world.Caller{T: t, Base: p.Base}.Do("GET", "/readyz", "", "").Status == http.StatusOK
		})
	}
	expect.Equal(t, "members without an answer", len(waiting), 0)
	expect.Equal(t, "coupons", len(b.Books(members...)), len(members))
	for _, m := range members {
		expect.Equal(t, "codes of "+m, b.Codes(m), 1)
	}
}

// untilServed asks again under the same key for as long as it is told that waiting helps; nobody is told so for ever.
func untilServed(p *world.Proc, member string) (got world.Reply) {
	for range 50 {
		got = p.Post("/v1/customers/"+member+"/conversions", "grows-"+member, `{"points": 500}`)
		if got.Status != http.StatusServiceUnavailable {
			break
		}
	}
	return got
}

func grow(t *testing.T, b *world.Processes, statement string) {
	t.Helper()
	if _, err := b.Store.DB().ExecContext(t.Context(), statement); err != nil {
		t.Errorf("%v in %s", err, statement)
	}
}

// tablesOf are all tables, the queue's included.
func tablesOf(t *testing.T, b *world.Processes) (tables []string) {
	t.Helper()
	rows, err := b.Store.DB().QueryContext(t.Context(),
		`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		tables = append(tables, name)
	}
	if err := rows.Err(); err != nil || len(tables) < 20 {
		t.Fatal(tables, err)
	}
	return tables
}
