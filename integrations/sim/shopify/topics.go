package shopify

import "slices"

// topics are what the store tells of.
var topics = []string{
	"APP_UNINSTALLED", "CUSTOMERS_DELETE", "CUSTOMERS_MERGE", "CUSTOMERS_UPDATE", "DISCOUNTS_DELETE",
	"DISCOUNTS_UPDATE", "ORDERS_CANCELLED", "ORDERS_CREATE", "ORDERS_DELETE", "ORDERS_EDITED", "ORDERS_PAID",
	"ORDERS_UPDATED", "REFUNDS_CREATE",
}

// Topics are the topics that the store tells of, as its API calls them.
func Topics() []string { return slices.Clone(topics) }

// SubscribeAll makes an address hear of these topics, or of every one when none is named; what is subscribed already is
// left as it is.
func (s *Server) SubscribeAll(uri string, wanted ...string) error {
	if len(wanted) == 0 {
		wanted = topics
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	var records []record
	for _, topic := range wanted {
		taken := slices.ContainsFunc(s.subscribers(topic), func(sub *Subscription) bool { return sub.URI == uri })
		if !taken {
			records = append(records, record{Subscription: &Subscription{ID: s.state.nextID(), Topic: topic, URI: uri}})
		}
	}
	if len(records) == 0 {
		return nil
	}
	return s.commit("", records...)
}
