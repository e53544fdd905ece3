package process

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// hiredAt is hired for a database that other processes work on; it gives the token alone.
func hiredAt(t *testing.T, db storetest.Database, name string, role domain.Role) string {
	t.Helper()
	_, token := world.Hired(t, db.Open(t, time.Now, nil), name, role, "")
	return token
}
