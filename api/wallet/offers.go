package wallet

import (
	"errors"
	"net/http"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
)

// openOffer is a campaign of which the customer may ask for a code now.
type openOffer struct {
	campaigns.Campaign
	// Least and Most bound the value; Typed is what stands in its field.
	Least, Most string
	Typed       string
	Key         string
	Told        *pages.Told
}

// Chosen tells that there is a value to be chosen.
func (o openOffer) Chosen() bool {
	return o.Offer.Value.Range.Min != o.Offer.Value.Range.Max
}

// offers lists what is open now. One that was refused comes with what was typed and why.
func (req *request) offers(refused *openOffer) ([]openOffer, error) {
	if req.wallet.deps.Codes == nil {
		return nil, nil
	}
	list, err := req.wallet.deps.Identity.CampaignBook.List(req.Ctx())
	if err != nil {
		return nil, err
	}
	var found []openOffer
	for _, c := range campaigns.ToAskFor(list, req.wallet.deps.Now()) {
		o := openOffer{Campaign: c, Key: pages.NewKey()}
		if refused != nil && refused.Campaign.Key == c.Key {
			o.Typed, o.Told = refused.Typed, refused.Told
		}
		v := c.Offer.Value
		o.Least, o.Most = req.ValueText(v, v.Range.Min), req.ValueText(v, v.Range.Max)
		found = append(found, o)
	}
	return found, nil
}

// take asks for a code of a campaign. The answer is an address, so that a reload asks for the result again; the same
// form sent twice leads to the same code.
func (w *Wallet) take(req *request) error {
	if w.deps.Codes == nil {
		return domain.Refuse(domain.CodeNotFound)
	}
	key := req.Field("key")
	if !pages.IsKey(key) {
		return domain.Refuse(domain.CodeValidation)
	}
	c, err := w.deps.Identity.CampaignBook.ByKey(req.Ctx(), req.Gin.Param("key"))
	if err != nil {
		return err
	}
	typed := shortText(req.Field("value"))
	value, err := chosen(c.Offer, typed)
	if err == nil {
		_, err = w.deps.Codes.Issue(req.Ctx(), coupons.Issue{Caller: req.Who, Key: key, Campaign: c.Key,
			To: coupons.Recipient{CustomerID: req.Who.CustomerID}, Value: value,
			Points: req.Shown("points"), Proof: req.proof})
	}
	switch {
	case err == nil, errors.Is(err, &domain.Error{Code: domain.CodeRequestInProgress}):
		req.redirect("/offers/" + key)
		return nil
	case domain.CodeOf(err) == domain.CodeInternal:
		return err
	}
	told := req.told(err)
	if told.Code == domain.CodeValidation {
		told.Title, told.Detail = req.T("wallet.offer_value"), req.T("wallet.offer_value.detail",
			req.ValueText(c.Offer.Value, c.Offer.Value.Range.Min), req.ValueText(c.Offer.Value, c.Offer.Value.Range.Max))
	}
	return req.homeWith(told.Status, choiceForm{}, &openOffer{Campaign: c, Typed: typed, Told: &told})
}

// chosen reads the value that somebody chose: an amount of the currency, or percent. 0 is the only one that there is.
func chosen(o campaigns.Offer, typed string) (int64, error) {
	if o.Value.Range.Min == o.Value.Range.Max {
		return 0, nil
	}
	text := plainNumber(typed)
	n, ok := campaigns.ParsePercent(text)
	if o.Value.Kind == campaigns.Amount {
		m, err := domain.ParseMoney(text, o.Value.Currency)
		n, ok = m.Minor, err == nil
	}
	if !ok || !o.Value.Range.Holds(n) {
		return 0, domain.Refuse(domain.CodeValidation, "field", "value")
	}
	return n, nil
}

// takenPage is a code that was asked for, or one on its way.
type takenPage struct {
	Key    string
	Coupon ownCoupon
}

// taken is the code, or how far it is. Whoever asks for the address of a form that was refused is led back to it.
func (w *Wallet) taken(req *request) error {
	key := req.Gin.Param("key")
	if !pages.IsKey(key) || w.deps.Codes == nil {
		req.redirect("/")
		return nil
	}
	result, err := w.deps.Codes.Issued(req.Ctx(), req.Who.ID, key)
	if err != nil {
		return err
	}
	if result.Coupon.CustomerID != req.Who.CustomerID {
		return domain.Refuse(domain.CodeNotFound)
	}
	page := takenPage{Key: key, Coupon: ownCoupon{Coupon: result.Coupon}}
	if !result.Done {
		req.show(http.StatusAccepted, "progress", "offer-progress.html", page)
		return nil
	}
	var now coupons.State
	if now, err = w.deps.Coupons.ByCode(req.Ctx(), result.Coupon.Code); err != nil {
		return err
	}
	own, err := req.owned([]domain.Coupon{now.Coupon})
	if err != nil {
		return err
	}
	page.Coupon = own[0]
	req.show(http.StatusOK, "made", "offer-made.html", page)
	return nil
}
