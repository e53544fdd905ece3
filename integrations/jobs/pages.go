package jobs

import (
	"fmt"
	"net/http"

	"riverqueue.com/riverui"
)

// Pages are River's own about the queue, below an address. They would also stop queues and end jobs, by anything but GET:
// whoever gives them to somebody lets nothing else through.
func (c *Client) Pages(below string) (http.Handler, error) {
	shown, err := riverui.NewHandler(&riverui.HandlerOpts{Endpoints: riverui.NewEndpoints(c.river, nil),
		JobListHideArgsByDefault: true, Logger: riverLogger(c.logger), Prefix: below})
	if err != nil {
		return nil, fmt.Errorf("jobs: pages: %w", err)
	}
	return shown, nil
}
