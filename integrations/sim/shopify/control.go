package shopify

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// errUnknownAct is given for an order of the control surface that it does not know.
var errUnknownAct = errors.New("there is no such act")

// controlWait is how long a request waits for deliveries.
const controlWait = 3 * time.Second

// switchesBody is the switches as people and scripts write them.
type switchesBody struct {
	Late     bool     `json:"late"`
	LateMS   int64    `json:"late_ms"` // 0: until they are let go
	Twice    bool     `json:"twice"`
	Reversed bool     `json:"reversed"`
	Lost     bool     `json:"lost"`
	Topics   []string `json:"topics"`
}

// actBody is one thing to do: with an order, a customer, or the app.
type actBody struct {
	Act      string `json:"act"`
	Order    string `json:"order"`    // a gid
	Customer string `json:"customer"` // a gid or a number
	Reason   string `json:"reason"`
	Amount   string `json:"amount"`
	Code     string `json:"code"`
	Discount string `json:"discount"` // a gid
	Kept     string `json:"kept"`     // of a merge
	Email    string `json:"email"`
	Name     string `json:"name"`
	Locale   string `json:"locale"`
	Status   int    `json:"status"`   // of close_shop
	How      string `json:"how"`      // a code stands in an order that is made by hand: code, text or title
	Subtotal string `json:"subtotal"` // of such an order
	Payment  string `json:"payment"`  // of an order's money

	Parts []string `json:"parts"` // of the protected data, for withhold; How says in which way
	Note  string   `json:"note"`  // of a hold by hand

	Namespace string `json:"namespace"` // of a customer's metafield; "$app" when empty
	Key       string `json:"key"`
	Value     string `json:"value"`
}

// control serves the part of /_sim/ that is about webhooks and what causes them; false when it is about something else.
func (s *Server) control(w http.ResponseWriter, r *http.Request) bool {
	switch r.Method + " " + r.URL.Path {
	case "GET /_sim/subscriptions":
		writeJSON(w, http.StatusOK, map[string]any{"items": s.Subscriptions()})
	case "GET /_sim/deliveries":
		writeJSON(w, http.StatusOK, map[string]any{"items": s.Deliveries()})
	case "POST /_sim/deliveries/flush":
		ctx, cancel := context.WithTimeout(r.Context(), controlWait)
		defer cancel()
		done(w, s.Flush(ctx))
	case "GET /_sim/budget":
		writeJSON(w, http.StatusOK, s.Budget())
	case "PUT /_sim/budget":
		var b Budget
		err := readStrictly(r, &b)
		if err == nil && (b.Maximum < 1 || b.RestoreRate <= 0) {
			err = errors.New("the limits are not positive")
		}
		if err == nil {
			s.SetBudget(b.Maximum, b.RestoreRate)
		}
		done(w, err)
	case "GET /_sim/switches":
		writeJSON(w, http.StatusOK, bodyOf(s.Switches()))
	case "PUT /_sim/switches":
		s.controlSwitches(w, r)
	case "POST /_sim/acts":
		s.controlAct(w, r)
	default:
		return false
	}
	return true
}

func bodyOf(w Switches) switchesBody {
	return switchesBody{w.Late, w.LateFor.Milliseconds(), w.Twice, w.Reversed, w.Lost, append([]string{}, w.Topics...)}
}

func (s *Server) controlSwitches(w http.ResponseWriter, r *http.Request) {
	var b switchesBody
	err := readStrictly(r, &b)
	if err == nil && b.LateMS < 0 {
		err = errors.New("late_ms is negative")
	}
	if err == nil {
		err = s.Switch(Switches{b.Late, time.Duration(b.LateMS) * time.Millisecond, b.Twice, b.Reversed, b.Lost,
			b.Topics})
	}
	done(w, err)
}

func (s *Server) controlAct(w http.ResponseWriter, r *http.Request) {
	var b actBody
	err := readStrictly(r, &b)
	if err == nil {
		err = s.act(b)
	}
	done(w, err)
}

// act does what was asked for, or tells why not.
func (s *Server) act(b actBody) error {
	if known, err := s.handAct(b); known {
		return err
	}
	if known, err := s.personAct(b); known {
		return err
	}
	switch b.Act {
	case "cancel":
		return s.CancelOrder(b.Order, b.Reason)
	case "refund":
		return s.RefundOrder(b.Order, b.Amount, b.Reason)
	case "remove_code":
		return s.RemoveCode(b.Order, b.Code)
	case "place_by_hand":
		_, err := s.PlaceByHand(b.Customer, b.How, b.Code, b.Amount, b.Subtotal)
		return err
	case "set_payment":
		return s.SetPayment(b.Order, b.Payment)
	case "cancel_only":
		return s.CancelOrderOnly(b.Order, b.Reason)
	case "set_order_customer":
		return s.SetOrderCustomer(b.Order, b.Customer)
	case "mark_test":
		return s.MarkTest(b.Order)
	case "delete_order":
		return s.DeleteOrder(b.Order)
	case "update_customer":
		_, err := s.AddCustomer(b.Customer, b.Email, b.Name, b.Locale)
		return err
	case "edit_metafield":
		return s.EditMetafield(b.Customer, b.Namespace, b.Key, b.Value)
	case "delete_metafield":
		return s.DeleteMetafield(b.Customer, b.Namespace, b.Key)
	case "merge_customers":
		return s.MergeCustomers(b.Kept, b.Customer)
	case "delete_customer":
		return s.DeleteCustomer(b.Customer)
	case "grant_read_all_orders":
		s.GrantAllOrders(true)
		return nil
	case "close_shop":
		return s.CloseShop(b.Status)
	case "open_shop":
		s.OpenShop()
		return nil
	case "uninstall":
		return s.Uninstall()
	case "install":
		s.Install()
		return nil
	default:
		return s.compliance(b)
	}
}

// compliance sends a compliance topic, by the name it has in the header.
func (s *Server) compliance(b actBody) error {
	switch b.Act {
	case "customers/data_request":
		return s.RequestData(b.Customer)
	case "customers/redact":
		return s.RedactCustomer(b.Customer)
	case "shop/redact":
		return s.RedactShop()
	default:
		return errUnknownAct
	}
}

// readStrictly reads a JSON body that has no field but those of into.
func readStrictly(r *http.Request, into any) error {
	d := json.NewDecoder(io.LimitReader(r.Body, mostTokenBody))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return errors.New("the body cannot be read: " + strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// done answers without a body, or with why not.
func done(w http.ResponseWriter, err error) {
	if err != nil {
		writeJSON(w, http.StatusUnprocessableEntity, map[string]string{"error": err.Error()})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
