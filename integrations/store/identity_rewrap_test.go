package store_test

import (
	"errors"
	"runtime"
	"testing"

	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestNothingDoneMeansThatNothingIsLeft: while another round has the last digests in hand nobody says that none is left, and
// who waited takes them when the other one breaks off.
func TestNothingDoneMeansThatNothingIsLeft(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.see(1, 5, taro())
		old := w.count(`SELECT count(*) FROM identity_digests`)
		wrap := func(d identity.Digest) (identity.Digest, error) { return ring(3).WrapTo(d, 3) }
		type answer struct {
			done int
			err  error
		}
		second := make(chan answer, 1)
		broken := errors.New("it breaks off")
		begun := false
		_, err := w.store.Identity.Rewrap(t.Context(), 3, 100, func(identity.Digest) (identity.Digest, error) {
			if !begun {
				begun = true
				go func() {
					done, err := w.store.Identity.Rewrap(t.Context(), 3, 100, wrap)
					second <- answer{done, err}
				}()
			}
			for db.Dialect == "postgres" && len(second) == 0 && w.count(`SELECT count(*) FROM pg_stat_activity
				WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0 {
				runtime.Gosched()
			}
			return identity.Digest{}, broken
		})
		expect.Equal(t, "the first breaks off", errors.Is(err, broken), true)
		expect.Equal(t, "the second", <-second, answer{old, nil})
		expect.Equal(t, "under an old key", w.count(`SELECT count(*) FROM identity_digests WHERE key_version <> 3`), 0)
	})
}
