package api

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/requests"
	"pointbridge/domain/reviews"
)

// fakeRequests has one request, which everybody may see.
type fakeRequests struct{}

// fakeLists have nothing on them.
type fakeLists struct{}

func (fakeLists) OpenReviews(context.Context) (map[reviews.Kind]int64, error) { return nil, nil }

func (fakeRequests) one() requests.Request {
	return requests.Request{ID: 1, Code: code, State: requests.Open, Reason: domain.ReasonIssuedInError}
}

func (f fakeRequests) Ask(context.Context, requests.Asked) (requests.Request, bool, error) {
	return f.one(), false, nil
}
func (f fakeRequests) Decide(context.Context, requests.Decision) (requests.Request, error) {
	return f.one(), nil
}
func (f fakeRequests) Withdraw(context.Context, domain.Caller, int64) (requests.Request, error) {
	return f.one(), nil
}
func (f fakeRequests) Request(_ context.Context, _ int64) (requests.Request, error) {
	return requests.Request{ID: 1, Asker: domain.Caller{ID: "key:staff", PersonID: 1}}, nil
}
func (f fakeRequests) Requests(context.Context, requests.Filter) ([]requests.Request, error) {
	return []requests.Request{f.one()}, nil
}
func (fakeRequests) Waiting(context.Context, string) (open, answers int64, err error) {
	return 0, 0, nil
}
func (fakeRequests) Seen(context.Context, string, int64, time.Time) error { return nil }
