package pos_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pointbridge/integrations/sim/pos"
)

func kept(path string) func(*pos.Config) { return func(c *pos.Config) { c.Path = path } }

func TestJournal(t *testing.T) {
	t.Parallel()
	t.Run("everything is there after a reopening without a close", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "pos.jsonl")
		first := open(t, kept(path))
		taken := first.deduct("k1", take, 500)
		first.giveBack("k2", give, 500)
		first.SellAtPOS(taro, -200)
		second := open(t, kept(path))
		second.rests(1050, 3)
		if !reflect.DeepEqual(first.AllEntries(), second.AllEntries()) {
			t.Errorf("reopened (-before +after):\n%s", cmp.Diff(first.AllEntries(), second.AllEntries()))
		}
		again := second.deduct("k1", take, 500)
		second.wants(again, 200, "")
		if string(again.raw) != string(taken.raw) {
			t.Errorf("%s, then %s", taken.raw, again.raw)
		}
		second.wants(second.deduct("k1", take, 400), 422, "idempotency_key_reused")
		second.wants(second.deduct("k9", take, 400), 422, "reference_reused")
		second.wants(second.deduct("k3", "COUPON-70934-CC22CC-100", 100), 201, "")
		open(t, kept(path)).rests(950, 4)
	})
	t.Run("a POS that cannot write answers 500 and books nothing", func(t *testing.T) {
		t.Parallel()
		p := open(t, kept(filepath.Join(t.TempDir(), "pos.jsonl")))
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		p.wants(p.deduct("k", take, 500), 500, "internal_error")
		if p.SellAtPOS(taro, 1) {
			t.Error("sold")
		}
		p.rests(1250, 0)
	})
	t.Run("an entry of nobody is an error", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "pos.jsonl")
		if err := os.WriteFile(path, []byte(`{"entry":{"entry_id":"e1","customer_id":"x"}}`+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := pos.New(pos.Config{Token: token, Path: path}); err == nil {
			t.Error("opened")
		}
	})
}

// childPath tells this test program to be the POS that gets killed.
const childPath = "POINTBRIDGE_TEST_POS"

func TestMain(m *testing.M) {
	if path := os.Getenv(childPath); path != "" {
		sellForever(path)
	}
	os.Exit(m.Run())
}

// sellForever deducts one point at a time and says so once it was answered.
func sellForever(path string) {
	s, err := pos.New(pos.Config{Token: token, Path: path})
	if err != nil {
		panic(err)
	}
	s.AddCustomer(taro, "Yamada Taro", 1_000_000)
	for n := 0; ; n++ {
		id := strconv.Itoa(n)
		req := httptest.NewRequest(http.MethodPost, points+"/deduct", strings.NewReader(moving(1, "r", "A-B-C-"+id,
			"")))
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Idempotency-Key", id)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, req)
		if w.Code == http.StatusCreated {
			fmt.Println(strings.TrimSpace(w.Body.String()))
		}
	}
}

func TestKilledPOSKeepsWhatItAnswered(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pos.jsonl")
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childPath+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var answered []pos.Entry
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var e pos.Entry
		if json.Unmarshal(lines.Bytes(), &e) == nil { // the last line may be torn
			answered = append(answered, e)
		}
		if len(answered) == 300 {
			_ = child.Process.Kill()
		}
	}
	_ = child.Wait() // says that it was killed
	if len(answered) < 300 {
		t.Fatalf("only %d answers", len(answered))
	}
	s, err := pos.New(pos.Config{Token: token, Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	entries := s.Entries(taro)
	if len(entries) < len(answered) || !reflect.DeepEqual(entries[:len(answered)], answered) {
		t.Errorf("%d entries for %d answers (-answered +kept):\n%s", len(entries), len(answered),
			cmp.Diff(answered, entries))
	}
	if balance, _ := s.Balance(taro); balance != 1_000_000-int64(len(entries)) {
		t.Errorf("balance %d after %d deductions", balance, len(entries))
	}
}
