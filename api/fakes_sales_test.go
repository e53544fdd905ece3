package api

import (
	"context"

	"pointbridge/domain/openings"
	"pointbridge/domain/sales"
)

// fakeSales is a shop that has sold nothing.
type fakeSales struct{}

func (fakeSales) Lines(context.Context, sales.By, sales.Question, int) ([]sales.Line, error) {
	return nil, nil
}
func (fakeSales) Slots(context.Context, sales.Question) ([]sales.Slot, error) { return nil, nil }

func noOpenings(context.Context) (openings.Report, error) { return openings.Report{}, nil }
