package repository

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// starOfTable is "*" of a table: of a part of a statement whose own columns have names it is no riddle.
	starOfTable = regexp.MustCompile(`(?i)(SELECT|,)\s+\*\s+FROM\s+[a-z]|\b[a-z_]+\.\*|RETURNING\s+\*`)
	// ofLateral are parts that the columns around them are named of.
	ofLateral = regexp.MustCompile(`(?i)LATERAL\s+\(SELECT\s+\*`)
)

// TestStatementsNameTheirColumns: what reads "*" of a table is another statement as soon as a newer release has added a
// column, and a transaction that has asked it before fails once.
func TestStatementsNameTheirColumns(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("integrations", "store", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal("there are no statements", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range stars(string(raw)) {
			t.Errorf("%s reads columns that nobody named: %s", file, found)
		}
	}
	for text, many := range map[string]int{
		"SELECT * FROM coupons": 1, "SELECT\n\t* FROM coupons c": 1, "SELECT c.*, 1 AS n FROM coupons c": 1,
		"SELECT 1, * FROM coupons": 1, "DELETE FROM coupons RETURNING *": 1, "(select * from coupons) AS a": 1,
		"SELECT count(*) FROM coupons": 0, "SELECT * FROM (SELECT id FROM coupons) AS a": 0, "points * 2": 0,
		"CROSS JOIN LATERAL (SELECT * FROM uses LIMIT 1) u": 0, "SELECT coupons.id FROM coupons": 0,
	} {
		if got := stars(text); len(got) != many {
			t.Errorf("%q has %v, want %d", text, got, many)
		}
	}
}

func stars(text string) []string {
	return starOfTable.FindAllString(ofLateral.ReplaceAllString(text, "LATERAL (SELECT named"), -1)
}
