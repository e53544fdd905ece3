package console

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/cursor"
	"pointbridge/domain/events"
)

const (
	endpointsPath = consolePath + "/event-endpoints"
	endpointPath  = endpointsPath + "/:id"
)

// eventHandlers are about the merchant's own systems that are told what happens.
type eventHandlers struct{ *Console }

// endpointsPage lists the addresses, with a form for one more.
type endpointsPage struct {
	Endpoints []events.Endpoint
	endpointForm
}

// endpointForm is the form of an address.
type endpointForm struct {
	// Offered is what can be chosen, Chosen what is.
	Offered []events.Kind
	Form    url.Values
	Wrong   string // what is wrong with the field Field
	Field   string
	Chosen  map[events.Kind]bool
}

// Val is what stands in a field.
func (p endpointForm) Val(field string) string { return p.Form.Get(field) }

// endpointPage is one address with what it was told.
type endpointPage struct {
	events.Endpoint
	endpointForm
	Deliveries []events.Delivery
	Next       string
	OldUntil   *time.Time
	Secret     *shownSecret
	Tried      *events.Attempt
	Replayed   *int
}

func (con eventHandlers) eventRoutes() []route {
	read, manage := access.To("event_endpoints", "read"), access.To("event_endpoints", "manage")
	return []route{
		pages.Get(endpointsPath, read, con.endpoints),
		pages.Post(endpointsPath, manage, con.add),
		pages.Get(endpointPath, read, con.endpoint),
		pages.Post(endpointPath, manage, con.change),
		pages.Post(endpointPath+"/active", manage, con.turn),
		pages.Post(endpointPath+"/secret", manage, con.rotate),
		pages.Post(endpointPath+"/test", manage, con.try),
		pages.Post(endpointPath+"/replay", manage, con.replay),
		pages.Get(endpointPath+"/remove", manage, con.removal),
		pages.Post(endpointPath+"/remove", manage, con.remove),
	}
}

func (con eventHandlers) endpoints(req *request) error {
	return con.showEndpoints(req, http.StatusOK, endpointForm{})
}

func (con eventHandlers) showEndpoints(req *request, status int, form endpointForm) (err error) {
	page := endpointsPage{endpointForm: form}
	page.Offered = events.Kinds()
	if page.Endpoints, err = con.deps.EventLog.Endpoints(req.Ctx()); err != nil {
		return err
	}
	req.showStatus(status, "event-endpoints", req.T("endpoints.title"), page)
	return nil
}

// typed is what the form of an address says.
func (req *request) typed() events.Edit {
	url, description := req.Field("url"), req.Field("description")
	kinds := make([]events.Kind, 0)
	for _, k := range events.Kinds() {
		if req.Field("kind_"+string(k)) != "" {
			kinds = append(kinds, k)
		}
	}
	return events.Edit{URL: &url, Description: &description, Kinds: &kinds}
}

// formOf is what was typed, with what is wrong about it.
func (req *request) formOf(err error, typed events.Edit) endpointForm {
	form := endpointForm{Form: req.Gin.Request.PostForm, Field: fieldOf(err), Chosen: map[events.Kind]bool{}}
	for _, k := range *typed.Kinds {
		form.Chosen[k] = true
	}
	var refused *domain.Error
	if errors.As(err, &refused) {
		rule, _ := refused.Params["rule"].(string)
		form.Wrong = req.known("rule.", rule)
	}
	return form
}

func (con eventHandlers) add(req *request) error {
	typed := req.typed()
	e, secret, err := con.deps.Events.Add(req.Ctx(), req.Who, events.Endpoint{URL: *typed.URL,
		Description: *typed.Description, Kinds: *typed.Kinds})
	if err != nil {
		return req.stay(err, func(status int, _ *pages.Told) error {
			return con.showEndpoints(req, status, req.formOf(err, typed))
		})
	}
	return con.show(req, http.StatusOK, endpointPage{Endpoint: e, Secret: &shownSecret{"endpoint", hostOf(e), secret}})
}

// hostOf names an endpoint where its whole address would be too much.
func hostOf(e events.Endpoint) string {
	u, err := url.Parse(e.URL)
	if err != nil {
		return e.PublicID
	}
	return u.Host
}

// one reads the endpoint of the address.
func (con eventHandlers) one(req *request) (events.Endpoint, error) {
	return con.deps.EventLog.Endpoint(req.Ctx(), req.Gin.Param("id"))
}

func (con eventHandlers) endpoint(req *request) error {
	e, err := con.one(req)
	if err != nil {
		return err
	}
	return con.show(req, http.StatusOK, endpointPage{Endpoint: e})
}

func (con eventHandlers) show(req *request, status int, page endpointPage) error {
	before, err := deliveryPlaces.Read(req.Query("cursor"))
	if err != nil && req.Query("cursor") != "" {
		return domain.Refuse(domain.CodeValidation, "field", "query.cursor")
	}
	page.Offered = events.Kinds()
	if page.Form == nil {
		page.Form = url.Values{"url": {page.URL}, "description": {page.Description}}
		page.Chosen = map[events.Kind]bool{}
		for _, k := range page.Endpoint.Kinds {
			page.Chosen[k] = true
		}
	}
	if until := page.Endpoint.OldUntil; until != nil && con.deps.Now().Before(*until) {
		page.OldUntil = until
	}
	list, err := con.deps.EventLog.Deliveries(req.Ctx(), page.ID, before.ID, pageLength+1)
	if err != nil {
		return err
	}
	if len(list) > pageLength {
		list = list[:pageLength]
		page.Next = endpointsPath + "/" + page.PublicID + "?" + url.Values{"cursor": {deliveryPlaces.Write(cursor.Place{ID: list[pageLength-1].ID})}}.Encode()
	}
	page.Deliveries = list
	req.showStatus(status, "event-endpoint", req.T("endpoints.title")+" · "+hostOf(page.Endpoint), page)
	return nil
}

// deliveryPlaces are places in the list of what an address was told.
var deliveryPlaces = cursor.ByID("events:")

func (con eventHandlers) change(req *request) error {
	typed := req.typed()
	e, err := con.deps.Events.Change(req.Ctx(), req.Who, req.Gin.Param("id"), typed)
	if err != nil {
		return req.stay(err, func(status int, _ *pages.Told) error {
			old, read := con.one(req)
			if read != nil {
				return read
			}
			return con.show(req, status, endpointPage{Endpoint: old, endpointForm: req.formOf(err, typed)})
		})
	}
	con.to(req, e)
	return nil
}

func (con eventHandlers) to(req *request, e events.Endpoint) {
	req.redirect(endpointsPath + "/" + e.PublicID)
}

func (con eventHandlers) turn(req *request) error {
	on := req.Field("to") == "on"
	e, err := con.deps.Events.Change(req.Ctx(), req.Who, req.Gin.Param("id"), events.Edit{On: &on})
	if err == nil {
		con.to(req, e)
	}
	return err
}

func (con eventHandlers) rotate(req *request) error {
	e, secret, err := con.deps.Events.Rotate(req.Ctx(), req.Who, req.Gin.Param("id"))
	if err != nil {
		return err
	}
	return con.show(req, http.StatusOK, endpointPage{Endpoint: e, Secret: &shownSecret{"endpoint", hostOf(e), secret}})
}

func (con eventHandlers) try(req *request) error {
	e, err := con.one(req)
	if err != nil {
		return err
	}
	tried, err := con.deps.Events.Try(req.Ctx(), e.PublicID)
	if err != nil {
		return err
	}
	return con.show(req, http.StatusOK, endpointPage{Endpoint: e, Tried: &tried})
}

// replay sends the events of whole days of the shop again.
func (con eventHandlers) replay(req *request) error {
	e, err := con.one(req)
	if err != nil {
		return err
	}
	days := auditHandlers(con)
	wrong := map[string]bool{}
	from, to := days.day(req.Field("from"), 0, "from", wrong), days.day(req.Field("to"), 1, "to", wrong)
	if from.IsZero() || to.IsZero() {
		err = domain.Refuse(domain.CodeValidation, "field", "body.to", "rule", "required")
	}
	asked := 0
	if err == nil {
		asked, err = con.deps.Events.Replay(req.Ctx(), req.Who, e.PublicID, from, to)
	}
	if err != nil {
		return req.stay(err, func(status int, _ *pages.Told) error {
			form := req.formOf(err, events.Edit{Kinds: &e.Kinds})
			form.Form.Set("url", e.URL)
			form.Form.Set("description", e.Description)
			return con.show(req, status, endpointPage{Endpoint: e, endpointForm: form})
		})
	}
	return con.show(req, http.StatusOK, endpointPage{Endpoint: e, Replayed: &asked})
}

func (con eventHandlers) removal(req *request) error {
	e, err := con.one(req)
	if err != nil {
		return err
	}
	req.show("event-endpoint-remove", req.T("endpoints.remove"), e)
	return nil
}

func (con eventHandlers) remove(req *request) error {
	if err := con.deps.Events.Remove(req.Ctx(), req.Who, req.Gin.Param("id")); err != nil {
		return err
	}
	req.redirect(endpointsPath)
	return nil
}

// Outcome is how a delivery stands, in words.
func (d *view) Outcome(of events.Delivery) (string, error) {
	if of.State == events.Waiting && of.Attempts == 0 {
		return d.T("endpoints.state.new")
	}
	return d.T("endpoints.state." + string(of.State))
}

// Trouble says why an attempt did not arrive: what the address answered, or why it did not.
func (d *view) Trouble(status int, reason string) (string, error) {
	if status != 0 {
		return d.T("endpoints.answered", status)
	}
	return d.req.known("endpoints.reason.", reason), nil
}
