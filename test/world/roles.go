package world

import (
	"testing"

	"pointbridge/commands"
	"pointbridge/integrations/store/storetest"
)

// MigrateAs brings a database up to date as its owner and lets a user into it.
func MigrateAs(t *testing.T, owner storetest.Database, args ...string) (int, string) {
	t.Helper()
	env := GoodEnvironment()
	env["DATABASE_URL"] = owner.URL
	var out, errs LockedBuffer
	code := commands.Run(t.Context(), append([]string{"migrate"}, args...), EnvironOf(env), &out, &errs)
	return code, out.String() + errs.String()
}
