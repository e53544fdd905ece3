package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"pointbridge/api/access"
)

// Route is one page: where it is, the right it needs, and what it does with a request of its kind. Without a right it
// is open to everybody.
type Route[R any] struct {
	Method, Path string
	May          access.Right
	Handle       func(R) error
}

// Get is a page that is looked at.
func Get[R any](path string, may access.Right, handle func(R) error) Route[R] {
	return Route[R]{http.MethodGet, path, may, handle}
}

// Post is a form that is sent.
func Post[R any](path string, may access.Right, handle func(R) error) Route[R] {
	return Route[R]{http.MethodPost, path, may, handle}
}

// Mount registers routes, each as serve answers it.
func Mount[R any](engine *gin.Engine, routes []Route[R], serve func(Route[R]) gin.HandlerFunc) {
	for _, r := range routes {
		engine.Handle(r.Method, r.Path, serve(r))
	}
}
