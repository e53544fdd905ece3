package campaigns

import (
	"time"

	"pointbridge/domain"
)

// Uses is what became of the codes of a campaign: the orders that used one.
type Uses struct {
	// Total counts the orders that stand, Void those of the days that came to nothing afterwards.
	Total, Void int64
	// Given are the discounts of the orders that stand, one for each currency.
	Given []domain.Money
	Days  []DayUses
	// Codes are the codes that were used most, at most MostCodes; AllCodes is how many there are.
	Codes    []CodeUses
	AllCodes int64
}

// MostCodes is how many codes are listed.
const MostCodes = 50

// DayUses counts the uses of one day.
type DayUses struct {
	Date  time.Time
	Count int64
}

// CodeUses is what became of one code.
type CodeUses struct {
	Code  string
	Count int64
	Given []domain.Money
	Last  time.Time
}

// Counts are figures of a list.
type Counts struct{ Uses, Refused, Flagged int64 }
