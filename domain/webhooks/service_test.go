package webhooks_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/webhooks"
	"pointbridge/test/expect"
)

func TestReceive(t *testing.T) {
	t.Parallel()
	order := domain.Job{Kind: domain.JobOrder, Ref: gidO}
	hinted := func(hint domain.OrderHint) *domain.Job {
		return &domain.Job{Kind: domain.JobOrder, Ref: gidO, Hint: hint}
	}
	hook := domain.Job{Kind: domain.JobWebhook, Ref: "w-1"}
	for topic, tc := range map[webhooks.Topic]struct {
		d       webhooks.Delivery
		outcome webhooks.Outcome
		job     *domain.Job
	}{
		webhooks.OrdersCreate:    {webhooks.Delivery{Order: gidO}, webhooks.Queued, &order},
		webhooks.OrdersUpdated:   {webhooks.Delivery{Order: gidO}, webhooks.Queued, &order},
		webhooks.OrdersEdited:    {webhooks.Delivery{Order: gidO}, webhooks.Queued, &order},
		webhooks.OrdersCancelled: {webhooks.Delivery{Order: gidO}, webhooks.Queued, hinted(domain.HintCancelled)},
		webhooks.OrdersDelete:    {webhooks.Delivery{Order: gidO}, webhooks.Queued, hinted(domain.HintDeleted)},
		webhooks.RefundsCreate:   {webhooks.Delivery{Order: gidO}, webhooks.Queued, hinted(domain.HintRefunded)},
		webhooks.DiscountsUpdate: {webhooks.Delivery{Discount: gidD}, webhooks.Queued, &hook},
		webhooks.DiscountsDelete: {webhooks.Delivery{Discount: gidD}, webhooks.Queued, &hook},
		webhooks.CustomersMerge:  {webhooks.Delivery{Customer: gidB, Merged: gidA}, webhooks.Queued, &hook},
		webhooks.CustomersDelete: {webhooks.Delivery{Customer: gidA}, webhooks.Queued, &hook},
		webhooks.CustomersUpdate: {webhooks.Delivery{Customer: gidA}, webhooks.Queued, nil},
		webhooks.AppUninstalled:  {webhooks.Delivery{Shop: shop}, webhooks.Queued, &hook},
		webhooks.DataRequest:     {webhooks.Delivery{Customer: gidA}, webhooks.Queued, &hook},
		webhooks.CustomersRedact: {webhooks.Delivery{Customer: gidA}, webhooks.Queued, &hook},
		webhooks.ShopRedact:      {webhooks.Delivery{Shop: shop}, webhooks.Queued, &hook},
	} {
		t.Run(string(topic), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.read = tc.d
			w.read.Topic, w.read.WebhookID = topic, "w-1"
			for round := range 3 {
				got, err := w.Receive(t.Context(), webhooks.Incoming{})
				if err != nil || got.Outcome != tc.outcome || got.Repeated != (round > 0) {
					t.Fatalf("round %d: %+v, %v", round, got, err)
				}
			}
			var want []domain.Job
			if tc.job != nil {
				want = []domain.Job{*tc.job}
			}
			if !reflect.DeepEqual(w.jobs, want) || len(w.deliveries) != 1 ||
				!w.deliveries["w-1"].ReceivedAt.Equal(w.clock.Now()) {
				t.Errorf("%d deliveries at %s, jobs (-want +got):\n%s", len(w.deliveries),
					w.deliveries["w-1"].ReceivedAt, cmp.Diff(want, w.jobs))
			}
			if len(w.acts) != 0 {
				t.Errorf("something was done before the answer: %v", w.acts)
			}
		})
	}
}

func TestReceiveFaults(t *testing.T) {
	t.Parallel()
	t.Run("a change of somebody who is no member is ignored, without a job and without a call", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.read = webhooks.Delivery{WebhookID: "w-1", Topic: webhooks.CustomersUpdate, Customer: gidB}
		got, err := w.Receive(t.Context(), webhooks.Incoming{})
		if !slices.Equal(w.changed, []string{gidB}) {
			t.Errorf("who may be somebody's member now: %v", w.changed)
		}
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "got.Outcome", got.Outcome, webhooks.Ignored, w.deliveries)
		expect.MustEqual(t, "len(w.jobs)", len(w.jobs), 0, w.jobs, w.deliveries)
		expect.MustEqual(t, "len(w.acts)", len(w.acts), 0, w.acts, w.deliveries)
		expect.Equal(t, "len(w.deliveries)", len(w.deliveries), 0, w.deliveries)
	})
	for name, d := range map[string]webhooks.Delivery{
		"a change of a customer who is not named": {Topic: webhooks.CustomersUpdate},
		"an order that is not named":              {Topic: webhooks.OrdersCreate},
		"a topic that is not worked on":           {Topic: "themes/publish", Order: gidO},
	} {
		t.Run(name+" is refused and stored nowhere", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.read = d
			w.read.WebhookID = "w-1"
			_, err := w.Receive(t.Context(), webhooks.Incoming{})
			if domain.CodeOf(err) != domain.CodeValidation || len(w.deliveries) != 0 || len(w.jobs) != 0 {
				t.Errorf("%v, %d stored, %d jobs", err, len(w.deliveries), len(w.jobs))
			}
		})
	}
	t.Run("what is not the shop's is stored nowhere", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.readErr = domain.Refuse(domain.CodeUnauthenticated)
		_, err := w.Receive(t.Context(), webhooks.Incoming{})
		expect.Equal(t, "domain.CodeOf(err)", domain.CodeOf(err), domain.CodeUnauthenticated, err, w.deliveries)
		expect.Equal(t, "len(w.deliveries)", len(w.deliveries), 0, err, w.deliveries)
	})
	t.Run("what could not be stored is no success", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.keepErr, w.read = errStore, webhooks.Delivery{WebhookID: "w-1", Topic: webhooks.OrdersCreate, Order: gidO}
		_, err := w.Receive(t.Context(), webhooks.Incoming{})
		expect.That(t, "err to be errStore", errors.Is(err, errStore), err)
		expect.Equal(t, "domain.CodeOf(err)", domain.CodeOf(err), domain.CodeInternal)
	})
	t.Run("a delivery that was forgotten meanwhile has no work", func(t *testing.T) {
		t.Parallel()
		if err := newWorld(t).WorkDelivery(t.Context(), "w-9"); err != nil {
			t.Error(err)
		}
	})
}

// TestAnotherBodyUnderAKnownId: who sends something else under an id first does not keep out what comes under it later.
func TestAnotherBodyUnderAKnownId(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.read = webhooks.Delivery{WebhookID: "w-1", Topic: webhooks.OrdersCreate, Order: gidO, Digest: [32]byte{1}}
	if _, err := w.Receive(t.Context(), webhooks.Incoming{}); err != nil {
		t.Fatal(err)
	}
	w.read = webhooks.Delivery{WebhookID: "w-1", Topic: webhooks.CustomersDelete, Customer: gidA, Digest: [32]byte{2}}
	for round := range 2 {
		got, err := w.Receive(t.Context(), webhooks.Incoming{})
		if err != nil || got.WebhookID == "w-1" || got.Repeated != (round > 0) {
			t.Fatalf("round %d: %s, repeated %v, %v", round, got.WebhookID, got.Repeated, err)
		}
	}
	if len(w.deliveries) != 2 || len(w.jobs) != 2 || w.jobs[1].Ref == "w-1" ||
		w.deliveries[w.jobs[1].Ref].Customer != gidA {
		t.Errorf("%d deliveries, jobs %v", len(w.deliveries), w.jobs)
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.receive(t, webhooks.Delivery{Topic: webhooks.OrdersCreate, Order: gidO}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		after time.Duration
		left  int
	}{{30 * 24 * time.Hour, 1}, {time.Second, 0}} {
		w.clock.Advance(tc.after)
		if err := w.Forget(t.Context()); err != nil || len(w.deliveries) != tc.left {
			t.Errorf("%v, %d left", err, len(w.deliveries))
		}
	}
}

func TestWorkedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 {
		if err := w.receive(t, webhooks.Delivery{Topic: webhooks.CustomersRedact, Customer: gidA}); err != nil {
			t.Fatal(err)
		}
	}
	expect.Equal(t, "w.acts", w.acts, []string{"redact w-1 " + gidA})
}

func TestPrivacyTopics(t *testing.T) {
	t.Parallel()
	for topic, want := range map[webhooks.Topic]string{
		webhooks.DataRequest: "data w-1 " + gidA, webhooks.CustomersRedact: "redact w-1 " + gidA,
		webhooks.ShopRedact: "redact shop w-1",
	} {
		w := newWorld(t)
		w.ping = errAway // none of them asks the shop before it is in the audit
		expect.MustEqual(t, "w.receive(…)", w.receive(t, webhooks.Delivery{Topic: topic, Customer: gidA}), nil, topic)
		expect.Equal(t, "w.acts", w.acts, []string{want}, topic)
	}
}

func TestCustomerDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.member, w.customers[gidA] = "8812370934", true
	d := webhooks.Delivery{Topic: webhooks.CustomersDelete, Customer: gidA}
	if err := w.receive(t, d); domain.RetryAfterOf(err) == 0 || len(w.acts) != 0 {
		t.Errorf("a customer who is there was unlinked: %v, %v", w.acts, err)
	}
	w.customers[gidA] = false
	expect.MustEqual(t, "w.receive(t, d)", w.receive(t, d), nil)
	expect.Equal(t, "w.acts", w.acts, []string{"unlink " + gidA})
	expect.MustEqual(t, "len(w.audit)", len(w.audit), 1, w.audit)
	expect.MustEqual(t, "w.audit[0].Action", w.audit[0].Action, "customer.unlinked")
	expect.Equal(t, "w.audit[0].CustomerID", w.audit[0].CustomerID, "8812370934")
	late := newWorld(t)
	late.member, late.customers[gidA] = "8812370934", true
	if err := late.receive(t, d); err == nil {
		t.Fatal("not asked again")
	}
	late.clock.Advance(time.Hour)
	expect.MustEqual(t, `late.WorkDelivery(t.Context(), "w-1")`, late.WorkDelivery(t.Context(), "w-1"), nil)
	expect.MustEqual(t, "len(late.acts)", len(late.acts), 0, late.acts)
	expect.Equal(t, `late.deliveries["w-1"].Outcome`, late.deliveries["w-1"].Outcome, webhooks.Done)
}

func TestCustomersMerged(t *testing.T) {
	t.Parallel()
	d := webhooks.Delivery{Topic: webhooks.CustomersMerge, Customer: gidB, Merged: gidA}
	t.Run("the link follows", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.member, w.customers[gidB] = "1", true
		expect.MustEqual(t, "w.receive(t, d)", w.receive(t, d), nil)
		expect.MustEqual(t, "w.acts", w.acts, []string{"merge " + gidA + " " + gidB})
		expect.Equal(t, "len(w.alerts)", len(w.alerts), 0, w.alerts)
	})
	t.Run("two members: refused, in the audit, told", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.member, w.holder, w.customers[gidB] = "1", "2", true
		expect.MustEqual(t, "w.receive(t, d)", w.receive(t, d), nil)
		expect.MustEqual(t, "w.alerts", w.alerts, []string{"customer_merge"})
		e := w.audit[0]
		expect.Equal(t, "e.Outcome", e.Outcome, domain.OutcomeRefused)
		expect.Equal(t, "e.CustomerID", e.CustomerID, "1")
		expect.Equal(t, `e.Detail["holder"]`, e.Detail["holder"], "2")
	})
	t.Run("not what the shop says", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		if err := w.receive(t, d); err != nil || len(w.acts) != 0 {
			t.Errorf("a member was moved to a customer whom the shop does not have: %v, %v", w.acts, err)
		}
	})
}

// TestDiscounts: whatever somebody did to a discount of ours, and whatever its coupon has become, it is looked at.
func TestDiscounts(t *testing.T) {
	t.Parallel()
	changed := coupons.Look{Action: domain.ActionDiscountChanged, Differs: []string{coupons.DiffersCode}}
	for name, tc := range map[string]struct {
		topic  webhooks.Topic
		gid    string
		status domain.Status
		look   coupons.Look
		looks  int
	}{
		"as it was made":             {webhooks.DiscountsUpdate, gidD, domain.Active, coupons.Look{}, 1},
		"changed":                    {webhooks.DiscountsUpdate, gidD, domain.Active, changed, 1},
		"deleted":                    {webhooks.DiscountsDelete, gidD, domain.Active, changed, 1},
		"of a coupon that has ended": {webhooks.DiscountsUpdate, gidD, domain.Cancelled, changed, 1},
		"of a coupon that is over":   {webhooks.DiscountsUpdate, gidD, domain.Expired, coupons.Look{}, 1},
		"of a coupon that was used":  {webhooks.DiscountsUpdate, gidD, domain.Used, coupons.Look{}, 1},
		"of a coupon on its way":     {webhooks.DiscountsUpdate, gidD, domain.Cancelling, coupons.Look{}, 1},
		"somebody else's": {webhooks.DiscountsUpdate, "gid://shopify/DiscountCodeNode/2", domain.Active,
			changed, 0},
		"just made, and changed after": {webhooks.DiscountsUpdate, gidD, domain.Active, changed, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			now := w.clock.Now()
			w.coupon = domain.Coupon{ID: 7, Status: tc.status, DiscountID: gidD, ActivatedAt: &now}
			w.look = tc.look
			if err := w.receive(t, webhooks.Delivery{Topic: tc.topic, Discount: tc.gid, TriggeredAt: now}); err != nil {
				t.Fatal(err)
			}
			alerts := 0
			if tc.looks > 0 && tc.look.Action != "" {
				alerts = 1
			}
			if len(w.looks) != tc.looks || len(w.alerts) != alerts {
				t.Errorf("%d looks, %v", len(w.looks), w.alerts)
			}
		})
	}
	w := newWorld(t)
	w.coupon = domain.Coupon{ID: 7, DiscountID: gidD}
	w.lookErr = errAway
	if err := w.receive(t, webhooks.Delivery{Topic: webhooks.DiscountsUpdate, Discount: gidD}); !errors.Is(err,
		errAway) || w.deliveries["w-1"].Outcome == webhooks.Done {
		t.Errorf("a shop that did not answer was taken for an answer: %v", err)
	}
}
