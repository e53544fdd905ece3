package webhooks

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
)

// ErrOtherDelivery is what the store says when a webhook id is that of a delivery of another topic or body.
var ErrOtherDelivery = errors.New("the webhook id is another delivery's")

// forgottenAgain is after what time the same words to forget somebody are meant anew: the shop takes days before it
// sends them, and a person who is back may ask again.
const forgottenAgain = 24 * time.Hour

// Once reports whether the very same body means nothing new under another webhook id, and since when it would have to
// be known for that; the zero time stands for as long as deliveries are kept.
//
// An audit entry, an alert, a request for a person: such effects are had once. The other topics only send for what
// the shop has, and there a body that is the same can be another change: moments are told in whole seconds.
func (d Delivery) Once() (since time.Time, once bool) {
	switch d.Topic {
	case DiscountsUpdate, DiscountsDelete, DataRequest:
		return time.Time{}, true
	case CustomersRedact, ShopRedact:
		return d.ReceivedAt.Add(-forgottenAgain), true
	default:
		return time.Time{}, false
	}
}

// renamed is the delivery under an id that is made of what is signed as well. Headers are not signed: nobody may keep
// the shop's delivery out by sending something else under its id before.
func (d Delivery) renamed() Delivery {
	sum := sha256.Sum256([]byte(d.WebhookID + "\n" + string(d.Topic) + "\n" + string(d.Digest[:])))
	d.WebhookID = "body-" + hex.EncodeToString(sum[:])
	return d
}
