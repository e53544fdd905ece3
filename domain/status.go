package domain

// Status is where a coupon stands in its life.
type Status string

// The statuses. Pending and Cancelling are on the way and must always leave; the others rest.
const (
	Pending    Status = "pending"
	Active     Status = "active"
	Used       Status = "used"
	Expired    Status = "expired"
	Cancelling Status = "cancelling"
	Cancelled  Status = "cancelled"
	Suspended  Status = "suspended"
	Forfeited  Status = "forfeited"
	Failed     Status = "failed"
)

// Statuses lists every status in the order of a coupon's life.
func Statuses() []Status {
	return []Status{Pending, Active, Used, Expired, Cancelling, Cancelled, Suspended, Forfeited, Failed}
}

// CanBecome is the one table of legal moves. Expired to Used is an order placed before the end and heard of after it.
func (s Status) CanBecome(next Status) bool {
	for _, legal := range s.nexts() {
		if legal == next {
			return true
		}
	}
	return false
}

func (s Status) nexts() []Status {
	switch s {
	case Pending:
		return []Status{Active, Failed}
	case Active:
		return []Status{Used, Expired, Cancelling, Suspended}
	case Expired:
		return []Status{Used}
	case Cancelling:
		return []Status{Cancelled, Used}
	case Suspended:
		// Points come back by the same steps as in a cancellation, so that there, too, an order that came first wins.
		return []Status{Cancelling, Forfeited}
	case Used, Cancelled, Forfeited, Failed:
		return nil
	default:
		return nil
	}
}

// OnTheWay reports whether the coupon is between two resting places: somebody has to move it on.
func (s Status) OnTheWay() bool { return s == Pending || s == Cancelling }

// Valid reports whether the status is one of the list.
func (s Status) Valid() bool {
	for _, known := range Statuses() {
		if s == known {
			return true
		}
	}
	return false
}

// Public is the status as a customer and the metafield see it; "" means that they do not see the coupon at all.
func (s Status) Public() Status {
	switch s {
	case Active, Used, Expired, Cancelled:
		return s
	case Cancelling, Suspended, Forfeited:
		return Cancelled
	case Pending, Failed:
		return ""
	default:
		return ""
	}
}
