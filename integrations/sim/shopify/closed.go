package shopify

import (
	"errors"
	"net/http"
	"slices"
)

// statusSecurity is the vendor's own status for a request that its protection turns away.
const statusSecurity = 430

// ErrNoSuchClosing is given for a status that no closed store answers with.
var ErrNoSuchClosing = errors.New("a closed store answers with 402, 403, 404, 423 or 430")

// CloseShop has the whole store, tokens and Admin API alike, answer everything with one status: 402 frozen, 403
// forbidden, 404 as if it did not exist, 423 locked, 430 turned away. Nothing is done then, and nothing is forgotten:
// the app stays installed and its tokens stay good until and after OpenShop. That it is closed does not outlive the
// process.
func (s *Server) CloseShop(status int) error {
	closings := []int{http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound, http.StatusLocked,
		statusSecurity}
	if !slices.Contains(closings, status) {
		return ErrNoSuchClosing
	}
	s.shut.Store(int64(status))
	return nil
}

// OpenShop ends that.
func (s *Server) OpenShop() { s.shut.Store(0) }

// closed returns the status that everything is answered with; 0 while the store is open.
func (s *Server) closed() int { return int(s.shut.Load()) }
