package world

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/demo"
)

// Proxied is a query as the shop's proxy signs it for the member at a moment.
func (w *Hooks) Proxied(at time.Time) string {
	q := url.Values{"shop": {demo.DemoShop}, "logged_in_customer_id": {strings.TrimPrefix(HookGID,
		"gid://shopify/Customer/")},
		"path_prefix": {"/apps/pointbridge"}, "timestamp": {strconv.FormatInt(at.Unix(), 10)}}
	var pairs []string
	for name, values := range q {
		pairs = append(pairs, name+"="+values[0])
	}
	slices.Sort(pairs)
	mac := hmac.New(sha256.New, []byte(w.Creds.ClientSecret))
	_, _ = mac.Write([]byte(strings.Join(pairs, "")))
	q.Set("signature", hex.EncodeToString(mac.Sum(nil)))
	return q.Encode()
}
