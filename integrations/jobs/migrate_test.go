package jobs

import (
	"path/filepath"
	"testing"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	t.Run(SQLite, func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "jobs.db")
		migrateTogether(t, openSQLite(t, path), openSQLite(t, path))
	})
	t.Run(Postgres, func(t *testing.T) {
		t.Parallel()
		db := openPostgres(t)
		migrateTogether(t, db, db)
	})
}

// migrateTogether starts many migrations at once through two pools, as two processes would.
func migrateTogether(t *testing.T, first, second testDB) {
	ready, err := Migrated(t.Context(), first.DB, first.dialect)
	if err != nil || ready {
		t.Fatalf("an empty database: migrated %t, %v; want false", ready, err)
	}
	results := make(chan error)
	for i := range 6 {
		db := []testDB{first, second}[i%2]
		go func() { results <- Migrate(t.Context(), db.DB, db.dialect) }()
	}
	for range 6 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	ready, err = Migrated(t.Context(), second.DB, second.dialect)
	if err != nil || !ready {
		t.Errorf("after migrating: migrated %t, %v; want true", ready, err)
	}
	if n := count(t, first, "SELECT count(*) FROM river_migration WHERE version = 1"); n != 1 {
		t.Errorf("version 1 is recorded %d times", n)
	}
}

func TestMigrate_Refuses(t *testing.T) {
	t.Parallel()
	db := openPostgres(t)
	if err := Migrate(t.Context(), db.DB, "oracle"); err == nil {
		t.Error("an unknown dialect was accepted")
	}
	db.SetMaxOpenConns(1)
	if err := Migrate(t.Context(), db.DB, Postgres); err == nil {
		t.Error("a pool of one would wait for itself, and was accepted")
	}
}
