package square

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/pos/square/wire"
)

// Webhooks reads what Square sends. It implements webhooks.PointsReader.
type Webhooks struct {
	// Key is the signature key of the subscription, and URL the address that was entered for it, to the letter: Square
	// signs both with the body.
	Key, URL string
}

// CheckPoints implements webhooks.PointsReader.
func (w Webhooks) CheckPoints(in webhooks.Incoming) error {
	if signatureBytes(in.Signature) == nil {
		return domain.Refuse(domain.CodeUnauthenticated)
	}
	return nil
}

// signed reports whether Square made the signature over exactly these bytes. Everybody knows the empty key.
func (w Webhooks) signed(in webhooks.Incoming) bool {
	given := signatureBytes(in.Signature)
	if w.Key == "" || w.URL == "" || given == nil || len(in.Body) == 0 {
		return false
	}
	mac := hmac.New(sha256.New, []byte(w.Key))
	_, _ = mac.Write([]byte(w.URL)) // a hash never fails
	_, _ = mac.Write(in.Body)
	return hmac.Equal(mac.Sum(nil), given)
}

// signatureBytes reads a signature in the one way of writing that it has; nil for anything else.
func signatureBytes(signature string) []byte {
	if len(signature) != base64.StdEncoding.EncodedLen(sha256.Size) {
		return nil
	}
	given, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil || len(given) != sha256.Size {
		return nil
	}
	return given
}

// notice is the body of a delivery, as far as it is read.
type notice struct {
	MerchantID string `json:"merchant_id"`
	Type       string `json:"type"`
	EventID    string `json:"event_id"`
	CreatedAt  string `json:"created_at"`
	Data       struct {
		Object struct {
			Account *wire.LoyaltyAccount `json:"loyalty_account"`
			Event   *wire.LoyaltyEvent   `json:"loyalty_event"`
		} `json:"object"`
	} `json:"data"`
}

var (
	eventForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)
	topicForm = regexp.MustCompile(`^[a-z0-9_.]{1,64}$`)
)

// ReadPoints implements webhooks.PointsReader. Everything is in the body and signed with it, the event's id as well. No
// more is kept of it than that id and when it was: whom it is about is for the member's row to say.
func (w Webhooks) ReadPoints(in webhooks.Incoming) (webhooks.Delivery, []string, error) {
	if !w.signed(in) {
		return webhooks.Delivery{}, nil, domain.Refuse(domain.CodeUnauthenticated)
	}
	var n notice
	if err := json.Unmarshal(in.Body, &n); err != nil || !eventForm.MatchString(n.EventID) ||
		!topicForm.MatchString(n.Type) {
		return webhooks.Delivery{}, nil, domain.Refuse(domain.CodeValidation, "field", "body")
	}
	d := webhooks.Delivery{WebhookID: "square-" + n.EventID, EventID: n.EventID, Topic: webhooks.Topic(n.Type),
		Digest: sha256.Sum256(in.Body)}
	if eventForm.MatchString(n.MerchantID) {
		d.Shop = n.MerchantID
	}
	if at, err := time.Parse(time.RFC3339, n.CreatedAt); err == nil {
		d.TriggeredAt = at.UTC()
	}
	members := n.members()
	if (d.Topic == webhooks.PointsEvent || d.Topic == webhooks.PointsAccount) && len(members) == 0 {
		return webhooks.Delivery{}, nil, domain.Refuse(domain.CodeValidation, "field", "body")
	}
	return d, members, nil
}

// members are the ids that the member can be known by, in each of the forms that an id has.
func (n notice) members() (ids []string) {
	var said []string
	switch a, e := n.Data.Object.Account, n.Data.Object.Event; {
	case a != nil && n.Type == string(webhooks.PointsAccount):
		said = []string{value(a.Id), value(a.CustomerId)}
		if a.Mapping != nil {
			phone := value(a.Mapping.PhoneNumber)
			said = append(said, phone, strings.TrimPrefix(phone, "+"))
		}
	case e != nil && n.Type == string(webhooks.PointsEvent):
		said = []string{value(e.LoyaltyAccountId)}
	}
	for _, id := range said {
		if !whoIs(id).nobody() {
			ids = append(ids, id)
		}
	}
	return ids
}
