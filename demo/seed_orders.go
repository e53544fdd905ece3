package demo

import (
	"time"

	"pointbridge/domain"
	simshopify "pointbridge/integrations/sim/shopify"
)

// pastOrder is an order with the old code WELCOME, of before there was a campaign.
type pastOrder struct {
	days               int // ago
	name, email, phone string
	zip, house, ip     string
}

// pastOrders are seven orders of people who exist nowhere. The first person comes back under another spelling of the
// same mailbox, then with another mailbox but the same phone and house, then from the same house and network. Somebody
// else of the house and two strangers are let pass.
func pastOrders() []pastOrder {
	const zip, phone, ip = "150-0001", "090-1111-3333", "192.0.2.7"
	return []pastOrder{
		{27, "小川 健太", "kenta.pointbridge.demo@gmail.com", phone, zip, "神宮前1-2-3", ip},
		{22, "小川 健太", "kentapointbridgedemo+2@gmail.com", "", zip, "神宮前１丁目２番３号コーポ101", ""},
		{19, "西 由美", "nishi.yumi@example.com", "090-1111-4444", "530-0001", "梅田3-1-1", "198.51.100.20"},
		{15, "K. Ogawa", "ken.o@example.com", "+81 90 1111 3333", zip, "神宮前一丁目二番地の三", "203.0.113.9"},
		{11, "小川 直子", "ogawa.naoko@example.com", "090-1111-5555", zip, "神宮前1-2-3", "198.51.100.77"},
		{6, "オガワ", "o.k.1990@example.net", "", zip, "神宮前1の2の3", ip},
		{5, "東 誠", "higashi.makoto@example.com", "090-1111-6666", "812-0011", "博多駅前2-1-1", "203.0.113.200"},
	}
}

// seedOrders gives the store a past in which somebody took an offer more often than they should: a look back finds it.
func seedOrders(o *Simulators) error {
	const first = 941
	now := domain.SystemClock{}.Now()
	for i, p := range pastOrders() {
		home := simshopify.Address{Name: p.name, Address1: p.house, Zip: p.zip, Country: "JP"}
		past := simshopify.Past{Number: first + int64(i), At: now.Add(-time.Duration(p.days) * 24 * time.Hour),
			Code: "WELCOME", Subtotal: "5000", Off: "1000",
			Buyer: simshopify.Buyer{Email: p.email, Phone: p.phone, Shipping: &home, ClientIP: p.ip}}
		if _, err := o.Shopify.PlacePast(past); err != nil {
			return err
		}
	}
	return nil
}
