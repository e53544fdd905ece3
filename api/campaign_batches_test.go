package api

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/policies"
	"pointbridge/test/expect"
)

// TestABatchIsAccepted: 202 with where it is, the same again says so, and a request that asks for both or neither is
// refused before anything is asked.
func TestABatchIsAccepted(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	const path = "/v1/campaigns/summer/batches"
	got := s.call("ec_admin", http.MethodPost, path, `{"count":1000}`, keyed("k1"))
	got.want(t, http.StatusAccepted, "")
	expect.Equal(t, "Location", got.header.Get("Location"), path+"/bat_abcdefghij")
	expect.Equal(t, "replayed", got.header.Get("Idempotent-Replayed"), "")
	again := s.call("ec_admin", http.MethodPost, path, `{"count":1000}`, keyed("k1"))
	expect.Equal(t, "replayed", again.header.Get("Idempotent-Replayed"), "true")
	expect.Equal(t, "count", s.identity.codes.asked[0].Count, 1000)
	s.call("ec_admin", http.MethodPost, path, `{"count":1000}`).want(t, http.StatusBadRequest, domain.CodeKeyMissing)
	for _, body := range []string{`{}`, `{"count":1,"csv":"email"}`, `{"count":0}`, `{"count":250001}`} {
		s.call("ec_admin", http.MethodPost, path, body, keyed("k2")).want(t, http.StatusUnprocessableEntity,
			domain.CodeValidation)
	}
	expect.Equal(t, "asked", len(s.identity.codes.asked), 2)
	long := `{"csv":"email\n` + strings.Repeat(`a@example.com\n`, 10_000) + `"}`
	s.call("ec_admin", http.MethodPost, path, long, keyed("k3")).want(t, http.StatusAccepted, "")
}

// TestAListHasTheRoomThatItIsToldOf: JSON writes two letters for the end of a line and for each quotation mark, so that
// a body is longer than the list in it.
func TestAListHasTheRoomThatItIsToldOf(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	const path, list = "/v1/campaigns/summer/batches", `{"csv":"email\na@example.com"}`
	full := list + strings.Repeat(" ", maxBatchBody-len(list))
	s.call("ec_admin", http.MethodPost, path, full, keyed("k1")).want(t, http.StatusAccepted, "")
	got := s.call("ec_admin", http.MethodPost, path, full+" ", keyed("k2")).want(t, http.StatusRequestEntityTooLarge,
		domain.CodeBodyTooLarge)
	expect.Equal(t, "the bound that is told", got.body["maximum_bytes"], any(float64(maxBatchBody)))
}

// TestAListTakesTheRightToGiveCodes: a shop whose policy lets somebody write rules and give no codes does not have that
// undone by a list.
func TestAListTakesTheRightToGiveCodes(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "policy.csv")
	expect.MustEqual(t, "err", os.WriteFile(file, []byte("p, ec_admin, campaign_codes, create, deny\n"), 0o600), nil)
	policy, faults, err := policies.Load(file)
	expect.MustThat(t, "read", err == nil && len(faults) == 0, err)
	s := newShop(t, func(d *Deps) { d.Policy = policy })
	const path = "/v1/campaigns/summer/batches"
	s.call("ec_admin", http.MethodPost, path, `{"csv":"email\na@example.com"}`, keyed("k1")).want(t, http.StatusForbidden,
		domain.CodePermissionDenied)
	expect.Equal(t, "asked", len(s.identity.codes.asked), 0)
	s.call("ec_admin", http.MethodPost, path, `{"count":1}`, keyed("k2")).want(t, http.StatusAccepted, "")
	s.call("system_admin", http.MethodPost, path, `{"csv":"email\na@example.com"}`, keyed("k3")).want(t,
		http.StatusAccepted, "")
}

// TestCodesAsATable: UTF-8 with the mark that Japanese spreadsheets look for, nothing in it is a formula, and that
// somebody took it is on record.
func TestCodesAsATable(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	got := s.call("ec_admin", http.MethodGet, "/v1/campaigns/summer/batches/bat_abcdefghij/codes.csv", "")
	got.want(t, http.StatusOK, "")
	expect.Equal(t, "the table", got.raw, "\ufeffcode,status,uses\r\n'=SUM(A1),active,0\r\nSUMMER-2,active,3\r\n")
	expect.Equal(t, "Content-Type", got.header.Get("Content-Type"), "text/csv; charset=utf-8")
	expect.Equal(t, "Cache-Control", got.header.Get("Cache-Control"), "no-store")
	expect.MustEqual(t, "entries", len(s.record.list), 1)
	expect.Equal(t, "entry", s.record.list[0].Action, domain.ActionBatchExported)
}

// TestRefusalsOfABatch: each is named with its reason beside the progress.
func TestRefusalsOfABatch(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	got := s.call("ec_admin", http.MethodGet, "/v1/campaigns/summer/batches/bat_abcdefghij", "")
	got.want(t, http.StatusOK, "")
	for _, part := range []string{`"count":5`, `"made":2`, `"left":3`,
		`"refusals":[{"row":null,"code":"SUMMER-TAKEN","reason":"code_taken"}]`} {
		expect.That(t, part, strings.Contains(got.raw, part), got.raw)
	}
	s.call("ec_admin", http.MethodGet, "/v1/campaigns/summer/batches/bat_none000000", "").want(t, http.StatusNotFound,
		domain.CodeBatchNotFound)
}
