package api

import (
	"context"
	"net/http"
	"time"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/events"
)

const (
	endpointsPath = "/v1/event-endpoints"
	endpointPath  = endpointsPath + "/{id}"
)

// Two operations need to be told nothing; see bodyless.
const (
	endpointSecretPath = endpointPath + "/secret"
	endpointTestPath   = endpointPath + "/test"
)

// eventRoutes are the merchant's own systems that are told what happens.
func (a *API) eventRoutes() {
	const get, post, patch, remove = http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete
	manage := access.To("event_endpoints", "manage")
	read := access.To("event_endpoints", "read")
	unknown := []domain.Code{domain.CodeNotFound}
	add(a, route{get, endpointsPath, read, "The addresses that are told of events", false, nil}, http.StatusOK, a.endpoints)
	add(a, route{post, endpointsPath, manage, "Have an address of yours told of events; its secret is shown once", false,
		nil}, http.StatusCreated, a.addEndpoint)
	add(a, route{get, endpointPath, read, "One address", false, unknown}, http.StatusOK, a.endpoint)
	add(a, route{patch, endpointPath, manage, "Change an address, what it is told of, or switch it off and on", false,
		unknown}, http.StatusOK, a.changeEndpoint)
	add(a, route{remove, endpointPath, manage, "Forget an address with its log", false, unknown}, http.StatusNoContent,
		a.removeEndpoint)
	add(a, route{post, endpointSecretPath, manage, "A new secret; the one before signs beside it for a day", false,
		unknown}, http.StatusOK, a.rotateEndpoint)
	add(a, route{post, endpointTestPath, manage, "Send an event that tells of nothing, now", false, unknown},
		http.StatusOK, a.tryEndpoint)
	add(a, route{get, endpointPath + "/deliveries", read, "What an address was told and how that went, newest first", false,
		unknown}, http.StatusOK, a.eventDeliveries)
	add(a, route{post, endpointPath + "/replay", manage, "Send the events of a time again, under their ids", false, unknown},
		http.StatusAccepted, a.replayEvents)
}

// EndpointBody is an address that is told of events, without its secret.
type EndpointBody struct {
	ID          string        `json:"id"`
	URL         string        `json:"url"`
	Kinds       []events.Kind `json:"kinds" nullable:"false" doc:"What it is told of; empty for everything"`
	Description string        `json:"description"`
	Active      bool          `json:"active"`
	Gone        bool          `json:"gone" doc:"It was switched off because the address answered 410"`
	OldSecret   *time.Time    `json:"old_secret_until" doc:"Until then the secret before signs as well; null for none"`
	CreatedAt   time.Time     `json:"created_at"`
}

func (a *API) endpointBody(e events.Endpoint) EndpointBody {
	b := EndpointBody{ID: e.PublicID, URL: e.URL, Kinds: append([]events.Kind{}, e.Kinds...), Description: e.Description,
		Active: e.On, Gone: e.Gone, CreatedAt: e.CreatedAt.UTC()}
	if e.OldUntil != nil && a.deps.Now().Before(*e.OldUntil) {
		b.OldSecret = utc(e.OldUntil)
	}
	return b
}

type endpointsOutput struct {
	Body struct {
		Items      []EndpointBody `json:"items" nullable:"false"`
		NextCursor *string        `json:"next_cursor" doc:"Always null: the list comes whole"`
	} `nameHint:"EventEndpointList"`
}

func (a *API) endpoints(ctx context.Context, _ *struct{}) (*endpointsOutput, error) {
	list, err := a.deps.EventLog.Endpoints(ctx)
	out := &endpointsOutput{}
	out.Body.Items = make([]EndpointBody, 0, len(list))
	for _, e := range list {
		out.Body.Items = append(out.Body.Items, a.endpointBody(e))
	}
	return out, err
}

type addEndpointInput struct {
	Body struct {
		URL         string        `json:"url" minLength:"1" maxLength:"500" doc:"Begins with https and leads to a public address, or into one of EVENT_NETWORKS" example:"https://erp.example.com/pointbridge"`
		Kinds       []events.Kind `json:"kinds,omitempty" maxItems:"20" doc:"What it is told of; everything when empty: coupon.issued, coupon.failed, coupon.used, coupon.expired, coupon.suspended, coupon.cancelling, coupon.cancelled, coupon.forfeited, points.taken, points.given_back, points.granted, points.taken_back, review.opened, review.decided, request.opened, request.decided, bulk_job.waiting, mail.failed, books.differ"`
		Description string        `json:"description,omitempty" maxLength:"200"`
	} `nameHint:"NewEventEndpoint"`
}

type secretOutput struct {
	Body struct {
		EndpointBody
		Secret string `json:"secret" doc:"Shown this once: it signs by Standard Webhooks"`
	} `nameHint:"EventEndpointSecret"`
}

func (a *API) withSecret(e events.Endpoint, secret string) *secretOutput {
	out := &secretOutput{}
	out.Body.EndpointBody, out.Body.Secret = a.endpointBody(e), secret
	return out
}

func (a *API) addEndpoint(ctx context.Context, in *addEndpointInput) (*secretOutput, error) {
	e, secret, err := a.deps.Events.Add(ctx, exchangeOf(ctx).caller,
		events.Endpoint{URL: in.Body.URL, Kinds: in.Body.Kinds, Description: in.Body.Description})
	if err != nil {
		return nil, err
	}
	return a.withSecret(e, secret), nil
}

// EndpointPath documents an address in the path.
type EndpointPath struct {
	ID string `path:"id" maxLength:"40" pattern:"^whe_[a-z0-9]{10,36}$" doc:"The address's id"`
}

type endpointOutput struct{ Body EndpointBody }

func (a *API) endpoint(ctx context.Context, in *EndpointPath) (*endpointOutput, error) {
	e, err := a.deps.EventLog.Endpoint(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &endpointOutput{a.endpointBody(e)}, nil
}

type changeEndpointInput struct {
	EndpointPath
	Body struct {
		URL         *string        `json:"url,omitempty" minLength:"1" maxLength:"500"`
		Kinds       *[]events.Kind `json:"kinds,omitempty" maxItems:"20" doc:"What it is told of from now on; everything when empty"`
		Description *string        `json:"description,omitempty" maxLength:"200"`
		Active      *bool          `json:"active,omitempty" doc:"What happens while it is off can be replayed"`
	} `nameHint:"EventEndpointEdit"`
}

func (a *API) changeEndpoint(ctx context.Context, in *changeEndpointInput) (*endpointOutput, error) {
	e, err := a.deps.Events.Change(ctx, exchangeOf(ctx).caller, in.ID, events.Edit{URL: in.Body.URL,
		Description: in.Body.Description, Kinds: in.Body.Kinds, On: in.Body.Active})
	if err != nil {
		return nil, err
	}
	return &endpointOutput{a.endpointBody(e)}, nil
}

func (a *API) removeEndpoint(ctx context.Context, in *EndpointPath) (*struct{}, error) {
	return nil, a.deps.Events.Remove(ctx, exchangeOf(ctx).caller, in.ID)
}

func (a *API) rotateEndpoint(ctx context.Context, in *EndpointPath) (*secretOutput, error) {
	e, secret, err := a.deps.Events.Rotate(ctx, exchangeOf(ctx).caller, in.ID)
	if err != nil {
		return nil, err
	}
	return a.withSecret(e, secret), nil
}

type tryOutput struct {
	Body struct {
		Delivered bool    `json:"delivered"`
		Status    *int    `json:"status" doc:"The answer's HTTP status; null when there was none"`
		Reason    *string `json:"reason" doc:"Why it was not delivered: a machine word, such as address_inside, unavailable (nothing was sent), unknown (no answer) or status_500"`
	} `nameHint:"EventTest"`
}

func (a *API) tryEndpoint(ctx context.Context, in *EndpointPath) (*tryOutput, error) {
	got, err := a.deps.Events.Try(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &tryOutput{}
	out.Body.Delivered, out.Body.Status, out.Body.Reason = got.Taken, answered(got.Status), given(got.Reason)
	return out, nil
}

func answered(status int) *int {
	if status == 0 {
		return nil
	}
	return &status
}

type eventDeliveriesInput struct {
	EndpointPath
	Cursor string `query:"cursor" maxLength:"64" doc:"next_cursor of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many on a page"`
}

// DeliveryBody is an event for one address.
type DeliveryBody struct {
	EventID  string      `json:"event_id" doc:"What stands in the header webhook-id: the same however often it is sent"`
	Kind     events.Kind `json:"kind"`
	At       time.Time   `json:"at" doc:"When it happened"`
	State    string      `json:"state" enum:"waiting,delivered,given_up" doc:"What waits is tried for three days"`
	Attempts int         `json:"attempts"`
	Status   *int        `json:"status" doc:"HTTP status of the last answer; null for none"`
	Reason   *string     `json:"reason" doc:"Why the last attempt did not arrive for certain"`
	TriedAt  *time.Time  `json:"tried_at"`
}

type eventDeliveriesOutput struct {
	Body struct {
		Items      []DeliveryBody `json:"items" nullable:"false"`
		NextCursor *string        `json:"next_cursor" doc:"null at the end"`
	} `nameHint:"EventDeliveryList"`
}

func (a *API) eventDeliveries(ctx context.Context, in *eventDeliveriesInput) (*eventDeliveriesOutput, error) {
	before, err := readCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	e, err := a.deps.EventLog.Endpoint(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	list, err := a.deps.EventLog.Deliveries(ctx, e.ID, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	out := &eventDeliveriesOutput{}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		next := writeCursor(list[in.Limit-1].ID)
		out.Body.NextCursor = &next
	}
	out.Body.Items = make([]DeliveryBody, 0, len(list))
	for _, d := range list {
		out.Body.Items = append(out.Body.Items, DeliveryBody{EventID: d.EventID, Kind: d.Kind, At: d.At.UTC(),
			State: string(d.State), Attempts: d.Attempts, Status: answered(d.Status), Reason: given(d.Reason),
			TriedAt: utc(d.TriedAt)})
	}
	return out, nil
}

type replayEventsInput struct {
	EndpointPath
	Body struct {
		From time.Time `json:"from" doc:"From this moment on"`
		To   time.Time `json:"to" doc:"Up to this one, which is not included"`
	} `nameHint:"EventReplay"`
}

type replayEventsOutput struct {
	Body struct {
		Events int `json:"events" doc:"How many are sent again; what waits already is not counted"`
	} `nameHint:"EventReplayed"`
}

func (a *API) replayEvents(ctx context.Context, in *replayEventsInput) (*replayEventsOutput, error) {
	n, err := a.deps.Events.Replay(ctx, exchangeOf(ctx).caller, in.ID, in.Body.From, in.Body.To)
	if err != nil {
		return nil, err
	}
	out := &replayEventsOutput{}
	out.Body.Events = n
	return out, nil
}
