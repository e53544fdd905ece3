package pages

import (
	"strconv"

	"pointbridge/domain/campaigns"
	"pointbridge/templates"
)

// ValueText writes a value of a campaign: an amount of its currency, or a part as percent.
func (r *Request) ValueText(v campaigns.Value, n int64) string {
	if v.Kind == campaigns.Amount {
		return templates.Money(r.Lang, v.Money(n))
	}
	return PercentText(n) + "%"
}

// PercentText writes basis points as percent: 1250 are 12.5.
func PercentText(n int64) string { return strconv.FormatFloat(float64(n)/100, 'f', -1, 64) }
