package api

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"pointbridge/domain"
)

// Problem is the body of every refusal (RFC 9457, application/problem+json). The figures that explain it, such as
// "balance" and "required", are members beside the ones named here.
type Problem struct {
	_         struct{}       `additionalProperties:"true"`
	Type      string         `json:"type" format:"uri-reference" doc:"Where this kind of refusal is described"`
	Title     string         `json:"title" doc:"What happened, in a few words, in the caller's language"`
	Status    int            `json:"status" doc:"The HTTP status"`
	Detail    string         `json:"detail" doc:"What happened and what to do, in the caller's language"`
	Code      string         `json:"code" doc:"The stable word a program can act on"`
	RequestID string         `json:"request_id" doc:"Names this request in our records; also the header X-Request-Id"`
	Errors    []FieldProblem `json:"errors,omitempty" nullable:"false" doc:"With validation_failed: which fields, and why"`

	figures map[string]any
}

// FieldProblem is what is wrong with one field or parameter.
type FieldProblem struct {
	Location string `json:"location" doc:"Where, for example body.points, query.limit, path.id"`
	Rule     string `json:"rule" doc:"The stable word for what is asked of it, for example integer, maximum, unknown"`
	Message  string `json:"message" doc:"The same as a sentence, in the caller's language"`
}

// Error makes a Problem what huma writes as an error. Only the code stands there: sentences are for clients.
func (p *Problem) Error() string { return p.Code }

// GetStatus is what huma answers with.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is the media type of RFC 9457.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// MarshalJSON writes the figures beside the members that every problem has, and never over one of them. What is wrong with
// fields stands in errors already.
func (p *Problem) MarshalJSON() ([]byte, error) {
	type plain Problem
	body, err := json.Marshal((*plain)(p))
	if err != nil || len(p.figures) == 0 {
		return body, err
	}
	figures := make(map[string]any, len(p.figures))
	for name, value := range p.figures {
		switch name {
		case "type", "title", "status", "detail", "instance", "code", "request_id", "errors", "faults", domain.ParamOwnWords:
		default:
			figures[name] = value
		}
	}
	extra, err := json.Marshal(figures)
	if err != nil || len(figures) == 0 {
		return body, err
	}
	body[len(body)-1] = ','
	return append(body, extra[1:]...), nil
}

// refuse writes a problem where huma is not in charge: unknown addresses, other methods, and panics.
func (a *API) refuse(c *gin.Context, err error) {
	h := c.Writer.Header()
	p := exchangeOf(c.Request.Context()).problem(h.Set, http.StatusInternalServerError, []error{err})
	body, err := json.Marshal(p)
	if err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.Abort()
	c.Data(p.Status, p.ContentType(""), append(body, '\n'))
}
