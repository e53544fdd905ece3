package api

import (
	"github.com/gin-gonic/gin"

	"pointbridge/domain"
)

func (a *API) unmatched(c *gin.Context) { a.fail(c, domain.Refuse(domain.CodeNotFound)) }

// fail refuses in the form that fits the address: a page to people, a problem document to programs.
func (a *API) fail(c *gin.Context, err error) {
	if a.pages == nil || !a.pages.Fail(c, err) {
		a.refuse(c, err)
	}
}

// otherMethod answers for an address that exists with other methods; the router has named them in Allow.
func (a *API) otherMethod(c *gin.Context) {
	if a.pages != nil && a.pages.OtherMethod(c) {
		return
	}
	a.fail(c, domain.Refuse(domain.CodeMethodNotAllowed))
}
