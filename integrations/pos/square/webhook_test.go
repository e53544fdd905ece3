package square_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/pos/square"
	"pointbridge/test/expect"
)

const (
	signatureKey    = "a-signature-key"
	notificationURL = "https://points.example.com/webhooks/square"

	// The two notices and their signatures were shown to verifySignature of Square's own package (npm, square 46.0.0),
	// which took them with this address and key, and refused them with a slash after the address.
	accountNotice = `{"merchant_id":"6SSW7HV8K2ST5","type":"loyalty.account.updated",` +
		`"event_id":"b8c1f1e9-7b5d-4a8e-9a5c-2f6d1e0c4b3a","created_at":"2026-11-21T01:02:04.5Z",` +
		`"data":{"type":"loyalty_account","id":"79b807d2-d786-46a9-933b-918028d7a8c5","object":{"loyalty_account":` +
		`{"id":"79b807d2-d786-46a9-933b-918028d7a8c5","program_id":"d619f755-2d17-41f3-990d-c04ecedd64dd",` +
		`"balance":750,"customer_id":"Q8002FAM9V1EZ0ADB2T5609X6N","mapping":{"phone_number":"+819012345678"}}}}}`
	accountSignature = "f2ezyUeAk1obuZqyXVkGdAmDhecJnaIwaSBjJCwsx/Q="
	eventNotice      = `{"merchant_id":"6SSW7HV8K2ST5","type":"loyalty.event.created",` +
		`"event_id":"1d9c5c1a-0f1e-4b57-8f39-6d1f4a0f8a77","created_at":"2026-11-21T01:02:04Z",` +
		`"data":{"type":"loyalty_event","id":"e1","object":{"loyalty_event":{"id":"e1","type":"ADJUST_POINTS",` +
		`"created_at":"2026-11-21T01:02:04Z","loyalty_account_id":"79b807d2-d786-46a9-933b-918028d7a8c5",` +
		`"source":"SQUARE","adjust_points":{"points":-500}}}}}`
	eventSignature = "/nHEW88DGBMHegxHRQTrXkUp7b1IBcAgoMHa3xVy8Tw="
)

var hooks = square.Webhooks{Key: signatureKey, URL: notificationURL}

// signs makes a signature by the rule.
func signs(key, address, body string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(address + body))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestANoticeSaysWhoMayBeMeantAndIsKnownByItsEvent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		body, signature, id, members string
		topic                        webhooks.Topic
		at                           time.Time
	}{
		{accountNotice, accountSignature, "square-b8c1f1e9-7b5d-4a8e-9a5c-2f6d1e0c4b3a",
			"[79b807d2-d786-46a9-933b-918028d7a8c5 Q8002FAM9V1EZ0ADB2T5609X6N +819012345678 819012345678]",
			webhooks.PointsAccount, now.Add(1500 * time.Millisecond)},
		{eventNotice, eventSignature, "square-1d9c5c1a-0f1e-4b57-8f39-6d1f4a0f8a77",
			"[79b807d2-d786-46a9-933b-918028d7a8c5]", webhooks.PointsEvent, now.Add(time.Second)},
	} {
		in := webhooks.Incoming{Signature: c.signature, Body: []byte(c.body)}
		expect.Equal(t, "CheckPoints", hooks.CheckPoints(in), nil)
		d, members, err := hooks.ReadPoints(in)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "the members", fmt.Sprint(members), c.members)
		expect.Equal(t, "the webhook's id", d.WebhookID, c.id)
		expect.Equal(t, "the topic", d.Topic, c.topic)
		expect.Equal(t, "the merchant", d.Shop, "6SSW7HV8K2ST5")
		expect.Equal(t, "the moment", d.TriggeredAt, c.at)
		expect.Equal(t, "the digest", d.Digest, sha256.Sum256([]byte(c.body)))
		expect.Equal(t, "customers of the shop", d.Customer+d.Email+d.Phone+d.Person, "")
	}
}

func TestANoticeThatSquareDidNotSignIsNobodys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hooks     square.Webhooks
		signature string
		body      string
	}{
		"another body":           {hooks, accountSignature, strings.Replace(accountNotice, "750", "751", 1)},
		"another key":            {hooks, signs("another", notificationURL, accountNotice), accountNotice},
		"another address":        {hooks, signs(signatureKey, notificationURL+"/", accountNotice), accountNotice},
		"the body alone":         {hooks, signs(signatureKey, "", accountNotice), accountNotice},
		"hexadecimal":            {hooks, fmt.Sprintf("%x", sha256.Sum256(nil)), accountNotice},
		"base64 without its end": {hooks, strings.TrimSuffix(accountSignature, "="), accountNotice},
		"none":                   {hooks, "", accountNotice},
		"an empty body":          {hooks, signs(signatureKey, notificationURL, ""), ""},
		"an empty key":           {square.Webhooks{URL: notificationURL}, signs("", notificationURL, accountNotice), accountNotice},
		"no address":             {square.Webhooks{Key: signatureKey}, signs(signatureKey, "", accountNotice), accountNotice},
	} {
		_, _, err := c.hooks.ReadPoints(webhooks.Incoming{Signature: c.signature, Body: []byte(c.body)})
		expect.Equal(t, "the code", domain.CodeOf(err), domain.CodeUnauthenticated, name)
	}
	for _, signature := range []string{"", "c2lnbmF0dXJl", strings.Repeat("!", 44)} {
		err := hooks.CheckPoints(webhooks.Incoming{Signature: signature})
		expect.Equal(t, "the code before the body", domain.CodeOf(err), domain.CodeUnauthenticated, signature)
	}
}

func TestASignedNoticeThatMakesNoSenseIsRefusedAndOneOfAnotherKindIsNot(t *testing.T) {
	t.Parallel()
	read := func(body string) (webhooks.Delivery, []string, error) {
		return hooks.ReadPoints(webhooks.Incoming{Signature: signs(signatureKey, notificationURL, body), Body: []byte(body)})
	}
	instead := func(old, by string) string { return strings.Replace(accountNotice, old, by, 1) }
	for _, body := range []string{"{}", "null", "[]", "<html>", accountNotice[:40], accountNotice + "{}",
		instead("b8c1f1e9-7b5d-4a8e-9a5c-2f6d1e0c4b3a", ""), instead("b8c1f1e9", strings.Repeat("b", 101)),
		instead("b8c1f1e9", "b8 c1"), instead(`"loyalty_account":`, `"else":`),
		instead("loyalty.account.updated", "loyalty.event.created"), instead("loyalty.account.updated", "Any Thing")} {
		_, _, err := read(body)
		expect.Equal(t, "the code", domain.CodeOf(err), domain.CodeValidation, body)
	}
	d, members, err := read(instead("loyalty.account.updated", "payment.created"))
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "members", len(members), 0)
	expect.Equal(t, "the topic", d.Topic, webhooks.Topic("payment.created"))
}
