package migrations_test

import (
	"context"
	_ "embed"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"pointbridge/integrations/jobs"
	"pointbridge/integrations/store/storetest"
)

// sentAt is the schema of the release whose statements are kept. They are recorded from PostgreSQL's log while it serves.
const sentAt = 40

//go:embed testdata/served-40.postgres.sql
var sentText string

// meaning is what PostgreSQL makes of a statement: the types of its values, and of the columns it gives.
type meaning struct {
	values  []uint32
	columns map[string]uint32
}

// meanings asks for each statement on a connection that knows none of them.
func meanings(t *testing.T, url string, statements []string) map[string]meaning {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	all := map[string]meaning{}
	for _, statement := range statements {
		found, err := conn.Prepare(t.Context(), "", statement)
		if err != nil {
			t.Errorf("%v in %s", err, statement)
			continue
		}
		m := meaning{values: found.ParamOIDs, columns: map[string]uint32{}}
		for _, f := range found.Fields {
			m.columns[f.Name] = f.DataTypeOID
		}
		all[statement] = m
	}
	return all
}

// TestWhatTheReleaseBeforeSendsIsUnderstood: while processes are replaced one by one, those of the release before go on
// sending what they always sent. It is understood by the newest schema, takes the same values and gives the same columns.
func TestWhatTheReleaseBeforeSendsIsUnderstood(t *testing.T) {
	t.Parallel()
	db := schemaAt(t, storetest.Postgres(t), sentAt)
	s := db.Open(t, now, nil)
	if err := jobs.Migrate(t.Context(), s.DB(), db.Dialect); err != nil {
		t.Fatal(err)
	}
	var sent []string
	for line := range strings.Lines(sentText) {
		if line = strings.TrimSuffix(strings.TrimSpace(line), ";"); line != "" && !strings.HasPrefix(line, "--") {
			sent = append(sent, line)
		}
	}
	before := meanings(t, db.URL, sent)
	if len(before) < 100 {
		t.Fatalf("only %d statements were understood before", len(before))
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := meanings(t, db.URL, sent)
	for statement, was := range before {
		is := after[statement]
		given := maps.Clone(is.columns)
		maps.DeleteFunc(given, func(name string, _ uint32) bool { _, known := was.columns[name]; return !known })
		if !slices.Equal(is.values, was.values) || !maps.Equal(given, was.columns) {
			t.Errorf("it took %v and gave %v, and takes %v and gives %v: %s", was.values, was.columns, is.values, is.columns,
				statement)
		}
	}
}
