package console

import (
	"log/slog"

	"pointbridge/templates"
)

// waiting is what the badges of the menu count.
type waiting struct{ reviews, requests int64 }

// waitingFor counts what waits for the visitor: reviews and requests that they may decide, and answers to what they
// asked. A menu without figures is better than no page: what cannot be counted is not shown.
func (req *request) waitingFor() waiting {
	if req.waiting != nil {
		return *req.waiting
	}
	var w waiting
	req.waiting = &w
	if req.session == nil {
		return w
	}
	if req.may("reviews", "read") {
		counts, err := req.console.deps.Lists.OpenReviews(req.Ctx())
		req.uncounted(err)
		for _, n := range counts {
			w.reviews += n
		}
	}
	if req.may("coupons", "ask") {
		open, answers, err := req.console.deps.RequestBook.Waiting(req.Ctx(), req.Who.ID)
		req.uncounted(err)
		w.requests = answers
		if req.may("approvals", "decide") {
			w.requests += open
		}
	}
	return w
}

func (req *request) uncounted(err error) {
	if err != nil {
		slog.DebugContext(req.Ctx(), "what waits was not counted", "error", err)
	}
}

// WaitingReviews is how many reviews wait for a decision, WaitingRequests how many requests, or answers.
func (d *view) WaitingReviews() templates.Quantity { return d.Number(d.req.waitingFor().reviews) }

// WaitingRequests is described at WaitingReviews.
func (d *view) WaitingRequests() templates.Quantity { return d.Number(d.req.waitingFor().requests) }
