package api

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/events"
)

// fakeEvents is one address that is told of events.
type fakeEvents struct{}

var anEndpoint = events.Endpoint{ID: 1, PublicID: "whe_abcdefghijkl", URL: "https://erp.example.com/e", On: true}

func (fakeEvents) Add(context.Context, domain.Caller, events.Endpoint) (events.Endpoint, string, error) {
	return anEndpoint, "whsec_c2VjcmV0", nil
}

func (fakeEvents) Change(context.Context, domain.Caller, string, events.Edit) (events.Endpoint, error) {
	return anEndpoint, nil
}

func (fakeEvents) Rotate(context.Context, domain.Caller, string) (events.Endpoint, string, error) {
	return anEndpoint, "whsec_c2VjcmV0", nil
}

func (fakeEvents) Remove(context.Context, domain.Caller, string) error { return nil }

func (fakeEvents) Replay(context.Context, domain.Caller, string, time.Time, time.Time) (int, error) {
	return 12, nil
}

func (fakeEvents) Try(context.Context, string) (events.Attempt, error) {
	return events.Attempt{Taken: true, Status: 204}, nil
}

func (fakeEvents) Endpoints(context.Context) ([]events.Endpoint, error) {
	return []events.Endpoint{anEndpoint}, nil
}

func (fakeEvents) Endpoint(context.Context, string) (events.Endpoint, error) { return anEndpoint, nil }

func (fakeEvents) Deliveries(context.Context, int64, int64, int) ([]events.Delivery, error) {
	return []events.Delivery{{ID: 1, EventID: "evt_m1", Kind: events.CouponIssued, State: events.Waiting}}, nil
}
