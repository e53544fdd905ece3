package api

import (
	"github.com/gin-gonic/gin"

	"pointbridge/domain"
)

func (a *API) unmatched(c *gin.Context) {
	if a.pages != nil && a.pages.Unmatched(c) {
		return
	}
	a.refuse(c, domain.Refuse(domain.CodeNotFound))
}

// otherMethod answers for an address that exists with other methods; the router has named them in Allow.
func (a *API) otherMethod(c *gin.Context) {
	if a.pages != nil && a.pages.OtherMethod(c) {
		return
	}
	a.refuse(c, domain.Refuse(domain.CodeMethodNotAllowed))
}
