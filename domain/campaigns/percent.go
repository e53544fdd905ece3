package campaigns

import "pointbridge/domain"

// ParsePercent reads a percentage as basis points: "12.5" are 1250. Percent have two decimals, as most money has.
func ParsePercent(text string) (int64, bool) {
	m, err := domain.ParseMoney(text, "EUR")
	return m.Minor, err == nil
}
