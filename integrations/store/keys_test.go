package store_test

import (
	"crypto/rand"
	"sync"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/store/storetest"
)

// However often and wherever one form arrives, it makes one key, and only one answer has a secret.
func TestKeys_OncePerOccasion(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWatch()
		s := db.Open(t, w.Now, nil)
		machines, o := staff.Machines{Keys: s.Keys, Owners: s.Staff, Random: rand.Reader, Now: w.Now}, office(s, w)
		p := hire(t, o, "mori@example.com", domain.RoleStoreManager)
		for name, add := range map[string]func() (string, domain.APIKey, error){
			"key": func() (string, domain.APIKey, error) {
				return machines.AddOnce(t.Context(), staff.Operator(), staff.NewKey{Caller: domain.Caller{Name: "pos",
					Role: domain.RolePOS}}, "form 1")
			},
			"token": func() (string, domain.APIKey, error) {
				return o.AddTokenOnce(t.Context(), p.Caller(), p.ID, "a script", "form 2")
			},
		} {
			var group sync.WaitGroup
			var mu sync.Mutex
			tokens := map[string]bool{}
			for range 6 {
				group.Go(func() {
					token, key, err := add()
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						tokens[token] = true
					case domain.CodeOf(err) != domain.CodeKeyExists || token != "" || key.Prefix != "":
						t.Errorf("%s: %q, %+v, %v", name, token, key, err)
					}
				})
			}
			group.Wait()
			if len(tokens) != 1 {
				t.Errorf("%d %ss were made", len(tokens), name)
			}
			for token := range tokens {
				prefix, _ := domain.APIKeyPrefix(token)
				if _, err := s.Keys.FindKey(t.Context(), prefix); err != nil {
					t.Errorf("the %s: %v", name, err)
				}
			}
		}
		if list, err := machines.List(t.Context()); err != nil || len(list) != 1 {
			t.Fatalf("%d keys, %v", len(list), err)
		} else if err := machines.Revoke(t.Context(), staff.Operator(), list[0].Prefix); err != nil {
			t.Fatal(err)
		}
		if _, _, err := machines.AddOnce(t.Context(), staff.Operator(), staff.NewKey{Caller: domain.Caller{Name: "pos",
			Role: domain.RolePOS}}, "form 1"); domain.CodeOf(err) != domain.CodeKeyExists {
			t.Errorf("after its key was revoked the form makes another: %v", err)
		}
		if _, _, err := machines.AddOnce(t.Context(), staff.Operator(), staff.NewKey{Caller: domain.Caller{Name: "pos",
			Role: domain.RolePOS}}, "form 3"); err != nil {
			t.Errorf("another form: %v", err)
		}
	})
}
