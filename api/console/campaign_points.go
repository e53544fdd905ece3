package console

import (
	"maps"
	"slices"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
)

// PointsTerms says on what terms points are turned into coupons: a sentence for each.
func (d *view) PointsTerms(p *coupons.Policy) []string { return d.req.pointsTerms(*p) }

func (req *request) pointsTerms(p coupons.Policy) (list []string) {
	list = append(list, req.T("points_terms.rate", p.Rate.String(), p.Currency))
	for _, rank := range slices.Sorted(maps.Keys(p.RankRates)) {
		list = append(list, req.T("points_terms.rank", rank, p.RankRates[rank].String(), p.Currency))
	}
	for _, c := range p.Campaigns {
		list = append(list, req.T("points_terms.period", req.Time(c.From), req.Time(c.To), c.Rate.String(), p.Currency))
	}
	list = append(list, req.T("points_terms.unit", req.Points(p.Unit), req.Points(p.Minimum)),
		req.T("points_terms.daily", req.Points(p.DailyLimit)))
	if p.MaxActive > 0 {
		list = append(list, req.T("points_terms.live", pages.Quantity(int64(p.MaxActive))))
	} else {
		list = append(list, req.T("points_terms.live.none"))
	}
	list = append(list, req.T("points_terms.validity", req.duration(int64(p.Validity/time.Second))))
	if p.MinimumSubtotal.Minor > 0 {
		list = append(list, req.T("rules.need.minimum", req.money(p.MinimumSubtotal)))
	}
	if classes := req.classes(campaigns.Combines(p.CombinesWith)); classes != "" {
		return append(list, req.T("rules.combines.some", classes))
	}
	return append(list, req.T("rules.combines.none"))
}
