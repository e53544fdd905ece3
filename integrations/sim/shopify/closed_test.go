package shopify_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sim "pointbridge/integrations/sim/shopify"
)

func (s store) grant() (status int, body string) {
	s.t.Helper()
	form := "grant_type=client_credentials&client_id=client&client_secret=secret"
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, "/admin/oauth/access_token",
		strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestAClosedStoreAnswersEverythingWithItsStatusAndForgetsNothing(t *testing.T) {
	t.Parallel()
	s, _ := listening(t)
	for _, status := range []int{402, 403, 404, 423, 430} {
		s.must(s.CloseShop(status))
		granted, _ := s.grant()
		equal(t, "a token", granted, status)
		equal(t, "a call", s.status(fixedToken), status)
	}
	s.OpenShop()
	granted, _ := s.grant()
	equal(t, "a token of the open store", granted, http.StatusOK)
	equal(t, "a call to the open store", s.status(fixedToken), http.StatusOK)
	equal(t, "subscriptions", len(s.Subscriptions()) > 0, true)
	equal(t, "a status that no closed store has", s.CloseShop(http.StatusInternalServerError) == sim.ErrNoSuchClosing,
		true)
}

func TestAStoreThatRemovedTheAppSaysSoWhereTokensAreGranted(t *testing.T) {
	t.Parallel()
	s, _ := listening(t)
	s.must(s.Uninstall())
	status, body := s.grant()
	equal(t, "a token", status, http.StatusBadRequest)
	equal(t, "the word", strings.Contains(body, `"app_not_installed"`), true)
	s.Install()
	status, _ = s.grant()
	equal(t, "a token once it is back", status, http.StatusOK)
}
