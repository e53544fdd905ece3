package store

import (
	"context"
	"strconv"
	"strings"

	"pointbridge/domain/sales"
)

// Sales implements sales.Store. Tests are no sales, and neither is an order whose amounts the shop does not say.
type Sales struct{ *database }

// selectSales adds up an order's codes of a line first, so that an order counts once in it. What the two words in
// capitals stand for comes from this file alone.
const selectSales = `SELECT line_key, line_campaign, currency,
		coalesce(sum(CASE WHEN void = 0 THEN 1 END), 0) AS orders,
		coalesce(sum(CASE WHEN void = 0 THEN gross END), 0) AS gross,
		coalesce(sum(CASE WHEN void = 0 THEN discount END), 0) AS discount,
		coalesce(sum(CASE WHEN void = 1 THEN 1 END), 0) AS void_orders,
		coalesce(sum(CASE WHEN void = 1 THEN gross END), 0) AS void_gross,
		coalesce(sum(CASE WHEN void = 1 THEN discount END), 0) AS void_discount
	FROM (SELECT KEY AS line_key, CAMPAIGN AS line_campaign, u.currency, u.order_id,
			max(CASE WHEN u.void_at IS NULL THEN 0 ELSE 1 END) AS void, max(u.gross) AS gross,
			sum(u.discount) AS discount
		FROM identity_uses u JOIN campaigns c ON c.id = u.campaign_id
		WHERE u.used_at >= ? AND u.used_at < ? AND u.test = ? AND u.currency <> '' AND (? = '' OR c.key = ?)
		GROUP BY 1, 2, 3, 4) AS orders
	GROUP BY 1, 2, 3`

type salesRow struct {
	LineKey, LineCampaign, Currency                              string
	Orders, Gross, Discount, VoidOrders, VoidGross, VoidDiscount int64
}

func (r salesRow) sums() sales.Sums {
	return sales.Sums{Orders: r.Orders, Gross: r.Gross, Discount: r.Discount,
		Void: sales.Void{Orders: r.VoidOrders, Gross: r.VoidGross, Discount: r.VoidDiscount}}
}

// Lines implements sales.Store.
func (s Sales) Lines(ctx context.Context, by sales.By, q sales.Question, limit int) ([]sales.Line, error) {
	rows, err := s.read(ctx, salesLines[by], q, ` ORDER BY discount DESC, line_key, currency LIMIT ?`, limit)
	lines := make([]sales.Line, 0, len(rows))
	for _, r := range rows {
		lines = append(lines, sales.Line{Key: r.LineKey, Campaign: r.LineCampaign,
			Currency: r.Currency, Sums: r.sums()})
	}
	return lines, err
}

// Slots implements sales.Store.
func (s Sales) Slots(ctx context.Context, q sales.Question) ([]sales.Slot, error) {
	slot := `CAST(CAST(strftime('%s', substr(u.used_at, 1, 19)) AS integer) / 900 AS text)`
	if s.dialect == "postgres" {
		slot = `CAST(CAST(floor(extract(epoch FROM u.used_at) / 900) AS bigint) AS text)`
	}
	rows, err := s.read(ctx, [2]string{slot, `''`}, q, "")
	slots := make([]sales.Slot, 0, len(rows))
	for _, r := range rows {
		number, wrong := strconv.ParseInt(r.LineKey, 10, 64)
		if wrong != nil {
			return nil, wrong
		}
		slots = append(slots, sales.Slot{Number: number, Currency: r.Currency, Sums: r.sums()})
	}
	return slots, err
}

func (s Sales) read(ctx context.Context, line [2]string, q sales.Question, rest string, more ...any) ([]salesRow,
	error) {
	text := strings.NewReplacer("KEY", line[0], "CAMPAIGN", line[1]).Replace(selectSales) + rest
	args := append([]any{utc(q.From), utc(q.To), false, q.Campaign, q.Campaign}, more...)
	var rows []salesRow
	err := s.db.WithContext(ctx).Raw(text, args...).Scan(&rows).Error
	return rows, translate(err)
}

// salesLines are key and campaign of a line.
var salesLines = map[sales.By][2]string{
	sales.ByCode:     {`u.code`, `c.key`},
	sales.ByCampaign: {`c.key`, `c.key`},
}
