package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"pointbridge/integrations/store"
)

// DatabaseThere refuses a SQLite file that is not there: opening one would make an empty database, and its folder, which
// only `migrate` and the demo are asked to do. Whether PostgreSQL is there only PostgreSQL can tell.
func (c Config) DatabaseThere() error {
	path, ok := strings.CutPrefix(c.DatabaseURL, "sqlite:")
	if !ok {
		return nil
	}
	if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the folder %s is not there; put DATABASE_URL right, or run: pointbridge migrate",
			filepath.Dir(path))
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no database at %s yet; run: pointbridge migrate", path)
	}
	return nil
}

// RefusedRight says whether PostgreSQL refused its user a right: the database is somebody else's, or of an owner who has not
// given the service's user the rights of this version.
func RefusedRight(err error) bool { return store.ServerCode(err) == "42501" }

// PlainDatabase says in one sentence why a database could not be used. The driver's own text names addresses and users.
func PlainDatabase(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	switch code := store.ServerCode(err); {
	case code == "28P01", code == "28000":
		return "it refuses the user or the password of DATABASE_URL"
	case code == "3D000":
		return "it has no database of the name in DATABASE_URL; create it"
	case RefusedRight(err):
		return "its user lacks a right; pointbridge migrate takes the user who owns the database, and with --service-user NAME " +
			"gives another one what the service needs"
	case code == "53300", code == "57P03":
		return "it takes no more connections at the moment"
	case errors.As(err, &dns):
		return "its host's name is not known; put DATABASE_URL right"
	case errors.Is(err, context.DeadlineExceeded):
		return "it did not answer in time; is it running, and does the network let us through?"
	case errors.As(err, &op):
		return "nothing takes connections there; is it running, and is the port right?"
	case errors.Is(err, fs.ErrPermission):
		return "its file may not be opened by this user"
	}
	return err.Error()
}

// DatabaseError is a database that could not be used, in one sentence.
type DatabaseError struct{ Err error }

// Error says why.
func (e *DatabaseError) Error() string { return "the database cannot be used: " + PlainDatabase(e.Err) }

// Unwrap returns the cause.
func (e *DatabaseError) Unwrap() error { return e.Err }
