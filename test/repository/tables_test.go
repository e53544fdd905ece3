package repository

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestTheGuideSaysOfEveryTableHowLongItsRowsLive: each table of the migrated database stands in the operator's guide
// once, with what ends a row or why it stays, and every setting that is said to do so is one.
func TestTheGuideSaysOfEveryTableHowLongItsRowsLive(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join("docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(guide), "\n## What is kept, and for how long\n")
	expect.MustThat(t, "the guide to have the chapter", found)
	text, _, _ := strings.Cut(rest, "\n## ")
	word := regexp.MustCompile("`([a-z_]+)`")
	said := map[string]int{}
	row := regexp.MustCompile("(?m)^\\| (`[^|]+) \\|([^|]+)\\|([^|]*)\\|$")
	for _, line := range row.FindAllStringSubmatch(text, -1) {
		expect.That(t, "something to be said of "+line[1], strings.TrimSpace(line[2]) != "")
		stays := strings.HasPrefix(strings.TrimSpace(line[2]), "never")
		expect.That(t, "a reason why "+line[1]+" stays", !stays || strings.TrimSpace(line[3]) != "")
		for _, name := range word.FindAllStringSubmatch(line[1], -1) {
			said[name[1]]++
		}
	}
	example, err := os.ReadFile(".env.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile("`([A-Z_]{4,})`").FindAllStringSubmatch(text, -1) {
		known := regexp.MustCompile(`(?m)^#?` + name[1] + `=`).Match(example)
		expect.That(t, name[1]+" to be a setting", known)
	}
	has := map[string]bool{}
	for _, db := range []storetest.Database{storetest.SQLite(t), storetest.Postgres(t)} {
		for _, name := range tables(t, db) {
			has[name] = true
			expect.That(t, "the guide to name the table "+name+" once", said[name] == 1, db.Dialect, said[name])
		}
	}
	for name := range said {
		expect.That(t, "the table "+name+" to exist", has[name])
	}
}

// tables are the names of a database's tables.
func tables(t *testing.T, db storetest.Database) (list []string) {
	t.Helper()
	question := `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	if db.Dialect == "sqlite" {
		question = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`
	}
	rows, err := db.Open(t, time.Now, nil).DB().QueryContext(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		list = append(list, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
