package books

import (
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/metafields"
)

type drift struct {
	kind  books.Kind
	name  string
	plant func(b *booksWorld)
	// code is whose code the difference names; nil when it names none.
	code func(b *booksWorld) string
}

// covers: 004-37, T-11
func drifts() []drift {
	active := func(b *booksWorld) string { return b.active.Code }
	used := func(b *booksWorld) string { return b.used.Code }
	cancelled := func(b *booksWorld) string { return b.cancelled.Code }
	stranger := func(b *booksWorld) string { return "00001-ZZZZZZ-" + b.member[7:] }
	return []drift{
		{books.MovementMissing, "our grant never reached the POS", func(b *booksWorld) {
			b.SQL(`INSERT INTO movements (coupon_id, customer_id, kind, state, points, reference, related_reference, key, reason, created_at)
				VALUES (%d, '%s', 'grant', 'applied', 100, 'GRANT-%s', 'COUPON-%s', 'grant-%s', 'x', '2026-12-01 00:00:00')`,
				b.used.ID, b.member, b.used.Code, b.used.Code, b.member)
		}, used},
		{books.MovementDoubled, "the POS booked a conversion twice", func(b *booksWorld) { b.movement(domain.Take, 100, "COUPON-"+b.active.Code) }, active},
		{books.MovementAmount, "a refund row is tampered with", func(b *booksWorld) {
			b.SQL(`UPDATE movements SET points = 900 WHERE reference = 'CANCEL-%s'`, b.cancelled.Code)
		}, cancelled},
		{books.MovementUnknown, "somebody took points under a name of ours",
			func(b *booksWorld) { b.movement(domain.Take, 100, "COUPON-"+stranger(b)) }, stranger},
		{books.RefundWithoutConversion, "somebody gave points back for nothing",
			func(b *booksWorld) { b.movement(domain.GiveBack, 100, "CANCEL-"+stranger(b)) }, stranger},
		{books.CodeAliveThoughEnded, "a cancelled code is alive", func(b *booksWorld) { b.remade(b.cancelled, nil) },
			cancelled},
		{books.CodeDeactivatedThoughActive, "a code was deactivated by hand", func(b *booksWorld) {
			if err := b.Admin.DeactivateDiscount(b.T.Context(), b.active.DiscountID); err != nil {
				b.T.Fatal(err)
			}
		}, active},
		{books.CodeDeactivatedThoughActive, "a code was deleted by hand", func(b *booksWorld) {
			if err := b.Admin.DeleteDiscount(b.T.Context(), b.active.DiscountID); err != nil {
				b.T.Fatal(err)
			}
		}, active},
		{books.CodeRenamed, "somebody gave the code another text", func(b *booksWorld) {
			if err := b.Shopify.RenameCode(b.active.DiscountID, "ANOTHER-"+b.member); err != nil {
				b.T.Fatal(err)
			}
		}, active},
		{books.CodeWrongTerms, "the code combines with others", func(b *booksWorld) {
			b.remade(b.active, func(d *coupons.Discount) {
				d.CombinesWith = coupons.Combines{Order: true, Product: true, Shipping: true}
			})
		}, active},
		{books.CodeWrongCustomer, "the code is somebody else's", func(b *booksWorld) {
			b.SQL(`UPDATE coupons SET shopify_customer_gid = 'gid://shopify/Customer/1' WHERE id = %d`, b.active.ID)
		}, active},
		{books.CodeWrongAmount, "the code is worth more", func(b *booksWorld) {
			b.remade(b.active, func(d *coupons.Discount) { d.Amount.Minor = 9900 })
		}, active},
		{books.CodeWrongTerms, "the code lasts longer", func(b *booksWorld) {
			b.remade(b.active, func(d *coupons.Discount) { d.EndsAt = d.EndsAt.Add(time.Hour) })
		}, active},
		{books.UsedButActive, "an order was never heard of", func(b *booksWorld) {
			b.checkout(b.active)
			b.Clock.Advance(time.Hour)
		}, active},
		{books.UsedAfterRefund, "an open checkout completed after the refund", func(b *booksWorld) {
			b.Shopify.HeldCodesStayGood(true)
			if _, err := b.Shopify.CompleteCheckout(b.checkoutOfTheCancelled); err != nil {
				b.T.Fatal(err)
			}
			b.Clock.Advance(time.Hour)
		}, cancelled},
		{books.UsedWithoutOrder, "a coupon is used here only", func(b *booksWorld) {
			b.SQL(`UPDATE coupons SET status = 'used', used_at = '2026-11-01 00:00:00' WHERE id = %d`, b.active.ID)
			b.SQL(`UPDATE customers SET projection_wanted = projection_wanted + 1 WHERE id = '%s'`, b.member)
			if err := b.Metafields(b.s).Project(b.T.Context()); err != nil {
				b.T.Fatal(err)
			}
		}, active},
		{books.MetafieldStale, "a change never reached the metafield", func(b *booksWorld) {
			b.SQL(`UPDATE customers SET projection_wanted = projection_wanted + 1 WHERE id = '%s'`, b.member)
		}, nil},
		{books.MetafieldEdited, "the metafield was edited by hand", func(b *booksWorld) {
			_, digest, err := b.Admin.ReadCoupons(b.T.Context(), b.gid)
			if err == nil {
				_, _, err = b.Admin.WriteCoupons(b.T.Context(), []metafields.Entry{{CustomerGID: b.gid,
					Value: []byte(`[{"code": "FREE"}]`), Digest: digest}})
			}
			if err != nil {
				b.T.Fatal(err)
			}
		}, nil},
		{books.CustomerGone, "the store has no such customer", func(b *booksWorld) {
			b.SQL(`UPDATE customers SET shopify_customer_gid = 'gid://shopify/Customer/99%s' WHERE id = '%s'`, b.member,
				b.member)
		}, nil},
		{books.Stuck, "a job was lost", func(b *booksWorld) { b.stuck() }, nil},
		{books.Parked, "a case waits for a person", func(b *booksWorld) {
			b.stuck()
			b.SQL(`UPDATE coupons SET parked_at = '2026-12-01 00:00:00' WHERE customer_id = '%s' AND status = 'pending'`, b.member)
		}, nil},
		{books.SumMismatch, "a used coupon is said to be reissued, and is not", func(b *booksWorld) {
			b.SQL(`UPDATE coupons SET superseded_by = 'X' WHERE id = %d`, b.used.ID)
		}, nil},
		{books.CodeAliveThoughExpired, "an ended code was given a longer life", func(b *booksWorld) {
			b.remade(b.active, func(d *coupons.Discount) { d.EndsAt = d.EndsAt.Add(90 * 24 * time.Hour) })
			b.Clock.Advance(b.Policy.Validity + time.Hour)
			if err := b.s.Sweep(b.T.Context()); err != nil {
				b.T.Fatal(err)
			}
			b.FinishAll()
		}, active},
	}
}
