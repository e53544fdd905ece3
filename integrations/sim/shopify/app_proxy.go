package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// AppProxy stands in front of an app as the vendor's does: it forwards what is asked below the storefront's path of the
// app, e.g. /apps/pointbridge, to below target, and signs the query for the customer who is signed in. It wants the
// whole path, so it is mounted without stripping anything. customer says who is signed in, as a gid or a number; empty,
// and anybody the store does not have, is nobody.
func (s *Server) AppProxy(target string, customer func(*http.Request) string) http.Handler {
	base, err := url.Parse(target)
	if err != nil || base.Host == "" {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeStatus(w, http.StatusBadGateway) })
	}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			prefix, rest := splitProxyPath(r.In.URL.EscapedPath())
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = base.Scheme, base.Host, base.Host
			r.Out.URL.RawPath = strings.TrimSuffix(base.EscapedPath(), "/") + rest
			r.Out.URL.Path, _ = url.PathUnescape(r.Out.URL.RawPath)
			r.Out.URL.RawQuery = s.signProxied(r.In.URL.Query(), prefix, s.signedIn(customer(r.In)))
			r.SetXForwarded()
			// A shop's cookies are the shop's.
			r.Out.Header.Del("Cookie")
		},
		ModifyResponse: func(r *http.Response) error {
			r.Header.Del("Set-Cookie")
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { writeStatus(w, http.StatusBadGateway) },
	}
}

// splitProxyPath parts /apps/<name> from what follows it.
func splitProxyPath(path string) (prefix, rest string) {
	parts := strings.SplitN(path, "/", 4)
	if len(parts) < 4 {
		return strings.TrimSuffix(path, "/"), "/"
	}
	return strings.Join(parts[:3], "/"), "/" + parts[3]
}

// signedIn returns the number of a customer whom the store has.
func (s *Server) signedIn(id string) string {
	number, err := customerNumber(id)
	if err != nil {
		return ""
	}
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	if s.state.customers[number] == nil {
		return ""
	}
	return strconv.FormatInt(number, 10)
}

// signProxied adds what the vendor adds; what a visitor sent under the same names is dropped.
func (s *Server) signProxied(query url.Values, prefix, customer string) string {
	query.Del("signature")
	query.Set("shop", s.cfg.Shop)
	query.Set("logged_in_customer_id", customer)
	query.Set("path_prefix", prefix)
	query.Set("timestamp", strconv.FormatInt(s.cfg.Clock().Unix(), 10))
	pairs := make([]string, 0, len(query))
	for name, values := range query {
		pairs = append(pairs, name+"="+strings.Join(values, ","))
	}
	slices.Sort(pairs)
	query.Set("signature", hex.EncodeToString(s.mac(strings.Join(pairs, ""))))
	return query.Encode()
}

func (s *Server) mac(text string) []byte {
	mac := hmac.New(sha256.New, []byte(s.cfg.ClientSecret))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
