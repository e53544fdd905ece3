package console

import (
	"pointbridge/api/access"
	"pointbridge/api/pages"
)

// QueuePath is where the queue's own pages are, which are not made by us.
const QueuePath = consolePath + "/queue"

// queuePolicy is pages.ContentPolicy for pages whose script makes styles and has pictures in them. Script itself comes
// from here as everywhere, and nothing comes from elsewhere.
const queuePolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// queueRoutes are the queue's own pages, where they are switched on. They are looked at: what stops a queue or ends a job
// goes past audit and second person, comes by other methods than GET, and has no route.
func (con *Console) queueRoutes() []route {
	if con.deps.QueuePages == nil {
		return nil
	}
	read := access.To("queue", "read")
	return []route{pages.Get(QueuePath, read, con.queue), pages.Get(QueuePath+"/*below", read, con.queue)}
}

func (con *Console) queue(req *request) error {
	req.Gin.Header("Content-Security-Policy", queuePolicy)
	con.deps.QueuePages.ServeHTTP(req.Gin.Writer, req.Gin.Request)
	return nil
}
