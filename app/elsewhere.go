package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pointbridge/domain"
)

// CheckTill refuses to start while a movement is open that was made with another POS: what was sent there cannot be
// asked for here, and would be taken for absent.
func (a *App) CheckTill(ctx context.Context) error {
	found, err := a.Store.Backlog.MadeElsewhere(ctx, a.Config.TillName())
	if err != nil || len(found) == 0 {
		return err
	}
	var lines []string
	for _, pos := range slices.Sorted(maps.Keys(found)) {
		lines = append(lines, fmt.Sprintf("%d with %s", len(found[pos]), pos))
	}
	return fmt.Errorf("the settings name the POS %q, and movements of points are open that were made with another one: "+
		"%s. Start with the settings of before until nothing is on its way; or run: pointbridge pos moved --same, where it is "+
		"the same POS under another name; or: pointbridge pos moved --review, which lays them before a person",
		a.Config.TillName(), strings.Join(lines, ", "))
}

// SameTill says that the POS of the settings is the one that all open movements were made with, under another name.
func (a *App) SameTill(ctx context.Context) (int64, error) {
	return a.Store.Backlog.CallTill(ctx, a.Config.TillName())
}

// PutDown lays every open movement that was made with another POS before a person. left are those that somebody is at.
func (a *App) PutDown(ctx context.Context) (done, left int, err error) {
	found, err := a.Store.Backlog.MadeElsewhere(ctx, a.Config.TillName())
	if err != nil {
		return 0, 0, err
	}
	saga := a.sagaAt(a.clock)
	saga.Listen, saga.PutDown = a.clock.Listen, true
	for _, pos := range slices.Sorted(maps.Keys(found)) {
		for _, id := range found[pos] {
			switch err := saga.Advance(ctx, id); {
			case errors.Is(err, domain.ErrConflict):
				left++
			case err != nil:
				return done, left, err
			default:
				done++
			}
		}
	}
	return done, left, nil
}
