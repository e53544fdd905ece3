package app

import (
	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// ServiceAt is the same service on another clock.
func (a *App) ServiceAt(clock domain.Clock) *coupons.Service { return a.sagaAt(clock) }
