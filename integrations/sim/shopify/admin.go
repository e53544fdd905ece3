package shopify

import (
	"encoding/json"
	"io"
	"net/http"
)

// adminPrefix is where people and tests look into the store; the vendor has nothing there.
const adminPrefix = "/_sim/"

// admin is a small JSON surface for people: look at the store, buy something, order faults. It takes the fixed access
// token, or a granted one, in the vendor's header.
func (s *Server) admin(w http.ResponseWriter, r *http.Request) {
	if !s.authorised(r) {
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "unauthenticated"})
		return
	}
	if r.URL.Path == adminPrefix+"faults" && s.cfg.Faults != nil {
		s.cfg.Faults.Handler().ServeHTTP(w, r)
		return
	}
	if s.control(w, r) {
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /_sim/discounts":
		writeJSON(w, http.StatusOK, map[string]any{"items": s.Discounts()})
	case "GET /_sim/customers":
		writeJSON(w, http.StatusOK, map[string]any{"items": s.Customers()})
	case "GET /_sim/orders":
		writeJSON(w, http.StatusOK, map[string]any{"items": s.Orders()})
	case "POST /_sim/checkout":
		s.adminCheckout(w, r)
	default:
		writeJSON(w, http.StatusNotFound, map[string]string{"error": "not_found"})
	}
}

type checkoutRequest struct {
	Customer string   `json:"customer"` // a gid or a number; empty for a guest
	Codes    []string `json:"codes"`
	Subtotal string   `json:"subtotal"`
	Buyer    Buyer    `json:"buyer"` // what the order shows of who places it
}

func (s *Server) adminCheckout(w http.ResponseWriter, r *http.Request) {
	var request checkoutRequest
	if err := json.NewDecoder(io.LimitReader(r.Body, mostTokenBody)).Decode(&request); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "the body is no checkout"})
		return
	}
	orderID, err := s.CheckoutAs(request.Customer, request.Codes, request.Subtotal, request.Buyer)
	if err != nil {
		writeJSON(w, http.StatusUnprocessableEntity, map[string]string{"error": err.Error()})
		return
	}
	order, ok := s.Order(orderID)
	if !ok {
		writeJSON(w, http.StatusInternalServerError, map[string]string{"error": ErrUnknownOrder.Error()})
		return
	}
	writeJSON(w, http.StatusCreated, map[string]any{"order_id": orderID, "order": order})
}
