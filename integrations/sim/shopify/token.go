package shopify

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"pointbridge/integrations/sim"
)

const (
	tokenAct      = "shopify.token"
	tokenHeader   = "X-Shopify-Access-Token"
	allOrders     = "read_all_orders"
	usualScopes   = "write_customers,write_discounts,read_orders"
	mostTokenBody = 16 << 10
)

type tokenRequest struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	GrantType    string `json:"grant_type"`
}

// grantToken is the client-credentials grant: form or JSON, no refresh token.
func (s *Server) grantToken(w http.ResponseWriter, r *http.Request) {
	s.count("token")
	s.cfg.Faults.Begin(r.Context(), tokenAct)
	if rule, faulty := s.cfg.Faults.Take(tokenAct, ""); faulty {
		answerTokenFault(w, r, rule)
		return
	}
	defer s.cfg.Faults.End(tokenAct)
	request, err := readTokenRequest(r)
	switch {
	case err != nil || request.GrantType != "client_credentials":
		writeJSON(w, http.StatusBadRequest, map[string]string{
			"error": "unsupported_grant_type", "error_description": "The grant type is not supported."})
	case s.closed() != 0:
		writeStatus(w, s.closed())
	case s.uninstalled.Load():
		// So seen at the vendor's token endpoint after an uninstallation (Shopify/shopify-api-ruby, #1322).
		writeJSON(w, http.StatusBadRequest, map[string]string{
			"error": "app_not_installed", "error_description": "The application is not installed on this shop."})
	case s.cfg.ClientID == "" || !same(request.ClientID, s.cfg.ClientID) || !same(request.ClientSecret,
		s.cfg.ClientSecret):
		invalidClient(w)
	default:
		writeJSON(w, http.StatusOK, map[string]any{
			"access_token": s.issueToken(), "scope": s.scopes(), "expires_in": int(s.cfg.TokenLife / time.Second)})
	}
}

// GrantAllOrders gives the app the scope read_all_orders, or takes it away, until the process ends.
func (s *Server) GrantAllOrders(granted bool) { s.readsAll.Store(granted) }

// Grant replaces the scopes that the app has, as when a merchant takes some away; with commas between them.
func (s *Server) Grant(scopes string) { s.granted.Store(&scopes) }

// SellIn moves the store to another currency. A real store can do so only before its first sale.
func (s *Server) SellIn(currency string) { s.sellsIn.Store(&currency) }

func (s *Server) currency() string {
	if moved := s.sellsIn.Load(); moved != nil {
		return *moved
	}
	return s.cfg.Currency
}

func (s *Server) scopes() string {
	if granted := s.granted.Load(); granted != nil {
		return *granted
	}
	if s.readsAll.Load() && !strings.Contains(s.cfg.Scopes, allOrders) {
		return s.cfg.Scopes + "," + allOrders
	}
	return s.cfg.Scopes
}

func invalidClient(w http.ResponseWriter) {
	writeJSON(w, http.StatusBadRequest, map[string]string{
		"error": "invalid_client", "error_description": "The client credentials are not valid."})
}

// answerTokenFault words the modes that faults leave to the vendor. A token has no effect that could be lost.
func answerTokenFault(w http.ResponseWriter, r *http.Request, rule sim.Rule) {
	if rule.Answer(w, r) {
		return
	}
	switch rule.Mode {
	case sim.Refuse:
		invalidClient(w)
	case sim.Throttle:
		w.Header().Set("Retry-After", cmp.Or(rule.RetryAfter, "2.0"))
		writeStatus(w, http.StatusTooManyRequests)
	default:
		writeStatus(w, http.StatusInternalServerError)
	}
}

func readTokenRequest(r *http.Request) (tokenRequest, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, mostTokenBody))
	if err != nil {
		return tokenRequest{}, err
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		return tokenRequest{form.Get("client_id"), form.Get("client_secret"), form.Get("grant_type")}, err
	}
	var request tokenRequest
	err = json.Unmarshal(body, &request)
	return request, err
}

// issueToken makes a token that carries its own end, signed with the client's secret: it stays good over a restart.
func (s *Server) issueToken() string {
	end := strconv.FormatInt(s.cfg.Clock().Add(s.cfg.TokenLife).Unix(), 16)
	return "shpat_" + end + "_" + s.tokenSignature(end)
}

func (s *Server) tokenSignature(end string) string {
	mac := hmac.New(sha256.New, []byte(s.cfg.ClientSecret))
	fmt.Fprintf(mac, "%s/%d", end, s.tokenGeneration.Load())
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// RevokeTokens ends every token that was granted so far. The fixed access token stays good.
func (s *Server) RevokeTokens() { s.tokenGeneration.Add(1) }

func (s *Server) authorised(r *http.Request) bool {
	token := r.Header.Get(tokenHeader)
	if s.cfg.AccessToken != "" && same(token, s.cfg.AccessToken) {
		return true
	}
	end, signature, ok := strings.Cut(strings.TrimPrefix(token, "shpat_"), "_")
	if !ok || s.cfg.ClientSecret == "" || !same(signature, s.tokenSignature(end)) {
		return false
	}
	seconds, err := strconv.ParseInt(end, 16, 64)
	return err == nil && s.cfg.Clock().Before(time.Unix(seconds, 0))
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func writeJSON(w http.ResponseWriter, status int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		status, raw = http.StatusInternalServerError, []byte(`{"errors":"Internal Server Error"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}
