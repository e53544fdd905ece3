package coupons_test

import (
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// toldOfCustomer does what the database does when the shop tells that the customer changed.
func (w *world) toldOfCustomer() {
	w.db.mu.Lock()
	defer w.db.mu.Unlock()
	w.db.wanted["8812370934"]++
	w.db.digests["8812370934"] = coupons.DigestUnknown
}

// acts counts calls of the metafield from now on.
func (w *world) acts() (reads, writes *int) {
	reads, writes = new(int), new(int)
	w.out.onAct = func(act string) {
		switch act {
		case "readmetafield":
			*reads++
		case "metafield":
			*writes++
		}
	}
	return reads, writes
}

func TestMetafieldLook(t *testing.T) {
	t.Parallel()
	const gid = "gid://shopify/Customer/1"
	for name, value := range map[string]string{"edited": `[{"code":"forged","status":"active"}]`, "deleted": "", "broken": "{"} {
		t.Run("004-21 H-11 "+name+" by hand: read, written once, and left alone when the shop tells of that", func(t *testing.T) {
			t.Parallel()
			w := issued(t)
			right := w.out.fields[gid]
			reads, writes := w.acts()
			w.out.fields[gid] = value
			s := w.service(nil)
			for round := range 3 {
				w.toldOfCustomer()
				if err := s.SyncMetafield(t.Context(), "8812370934"); err != nil {
					t.Fatal(err)
				}
				if w.out.fields[gid] != right || *writes != 1 || *reads != round+1 {
					t.Errorf("round %d: %d reads, %d writes, %s", round, *reads, *writes, w.out.fields[gid])
				}
			}
			if w.db.written["8812370934"] != w.db.wanted["8812370934"] || w.db.digests["8812370934"] != digestOf(right) {
				t.Errorf("written %d of %d", w.db.written["8812370934"], w.db.wanted["8812370934"])
			}
		})
	}
	t.Run("many tellings before a look are one look, and JSON written in another way is the same", func(t *testing.T) {
		t.Parallel()
		w := issued(t)
		w.out.fields[gid] = " " + w.out.fields[gid] + "\n"
		reads, writes := w.acts()
		s := w.service(nil)
		for range 20 {
			w.toldOfCustomer()
		}
		for range 20 {
			if err := s.SyncMetafield(t.Context(), "8812370934"); err != nil {
				t.Fatal(err)
			}
		}
		if *reads != 1 || *writes != 0 {
			t.Errorf("%d reads, %d writes", *reads, *writes)
		}
	})
	t.Run("what is told during a look is looked at by the next one", func(t *testing.T) {
		t.Parallel()
		w := issued(t)
		reads, writes := w.acts()
		count, right := w.out.onAct, w.out.fields[gid]
		w.out.onAct = func(act string) {
			if count(act); act == "readmetafield" && *reads == 1 {
				w.toldOfCustomer()
			}
		}
		w.toldOfCustomer()
		s := w.service(nil)
		for range 3 {
			if err := s.SyncMetafield(t.Context(), "8812370934"); err != nil {
				t.Fatal(err)
			}
			w.out.fields[gid] = "[]"
		}
		if *reads != 2 || *writes != 1 || right == "" {
			t.Errorf("%d reads, %d writes", *reads, *writes)
		}
	})
	t.Run("a member without a coupon: no metafield is right, and one that claims a coupon is not", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		reads, writes := w.acts()
		s := w.service(nil)
		for value, want := range map[string]int{"": 0, `[{"code":"forged"}]`: 1} {
			*writes, w.out.fields[gid] = 0, value
			w.toldOfCustomer()
			if err := s.SyncMetafield(t.Context(), "8812370934"); err != nil || *writes != want {
				t.Errorf("%q: %d reads, %d writes, %v", value, *reads, *writes, err)
			}
		}
	})
	t.Run("a shop that does not answer is asked again, and nothing is written unseen", func(t *testing.T) {
		t.Parallel()
		w := issued(t)
		_, writes := w.acts()
		w.out.fields[gid] = "[]"
		w.out.refuse["readmetafield"] = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify", Act: "read_coupons"}
		w.toldOfCustomer()
		s := w.service(nil)
		if err := s.SyncMetafield(t.Context(), "8812370934"); domain.KindOf(err) != domain.KindUnavailable || *writes != 0 {
			t.Errorf("%d writes, %v", *writes, err)
		}
		delete(w.out.refuse, "readmetafield")
		if err := s.SyncMetafield(t.Context(), "8812370934"); err != nil || *writes != 1 || len(w.metafield()) != 1 {
			t.Errorf("%d writes, %v", *writes, err)
		}
	})
}
