package api

import (
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// documentAccepted adds the answers that depend on the outcome and that huma cannot read from the types: 202 beside 201
// and 200 of a conversion and of a campaign's code, and 201 beside 200 of a link.
func (a *API) documentAccepted() {
	paths := a.huma.OpenAPI().Paths
	onItsWay := func(op *huma.Operation, done int) {
		finished := op.Responses[strconv.Itoa(done)]
		headers := map[string]*huma.Param{"Retry-After": wholeNumber("Seconds to wait before asking again")}
		for name, header := range finished.Headers {
			headers[name] = header
		}
		op.Responses[strconv.Itoa(http.StatusAccepted)] = &huma.Response{Headers: headers, Content: finished.Content,
			Description: "On its way: ask again at Location. The code is null until it can be used, except for staff"}
	}
	for _, base := range []string{"", proxyPath} {
		onItsWay(paths[base+conversionsPath].Post, http.StatusCreated)
		onItsWay(paths[base+conversionsPath+"/{key}"].Get, http.StatusOK)
		onItsWay(paths[base+campaignCodesPath].Post, http.StatusCreated)
		onItsWay(paths[base+campaignCodePath].Get, http.StatusOK)
	}

	link := paths["/v1/customers/{id}"].Put
	link.Responses[strconv.Itoa(http.StatusCreated)] = &huma.Response{Description: "The member was not known before",
		Content: link.Responses[strconv.Itoa(http.StatusOK)].Content}
}
