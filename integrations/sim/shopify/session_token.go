package shopify

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"
)

// sessionLife is how long an extension's session token is good, by the vendor's word.
const sessionLife = 5 * time.Minute

// SessionToken is what the vendor gives a customer-account extension for the customer who is signed in, a gid or a
// number. For nobody, and for anybody the store does not have, it names nobody.
func (s *Server) SessionToken(customer string) string {
	now := s.cfg.Clock()
	claims := map[string]any{"dest": s.cfg.Shop, "aud": s.cfg.ClientID, "iat": now.Unix(), "nbf": now.Unix(),
		"exp": now.Add(sessionLife).Unix(), "jti": s.requestID()}
	if number := s.signedIn(customer); number != "" {
		claims["sub"] = gidPrefix + "Customer/" + number
	}
	return s.jwt(claims)
}

// AdminToken is what the vendor gives an app's page in the admin for one of the shop's staff, whose id is a bare
// number.
func (s *Server) AdminToken(staff int64) string {
	now := s.cfg.Clock()
	return s.jwt(map[string]any{"iss": "https://" + s.cfg.Shop + "/admin", "dest": "https://" + s.cfg.Shop,
		"aud": s.cfg.ClientID, "sub": strconv.FormatInt(staff, 10), "iat": now.Unix(), "nbf": now.Unix(),
		"exp": now.Add(time.Minute).Unix(), "jti": s.requestID(), "sid": s.requestID()})
}

func (s *Server) jwt(claims map[string]any) string {
	body, err := json.Marshal(claims)
	if err != nil {
		return ""
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		base64.RawURLEncoding.EncodeToString(body)
	return text + "." + base64.RawURLEncoding.EncodeToString(s.mac(text))
}
