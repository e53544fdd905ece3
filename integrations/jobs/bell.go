package jobs

import (
	"context"
	"fmt"
	"sync"

	"github.com/riverqueue/river/riverdriver"
)

// topicInsert is River's name for "there is a new job"; its payload names the queue.
const topicInsert = "river_insert"

// bell tells the queues of this process that a job waits for them, so that it begins at once and nobody has to look
// often. It is what River listens to instead of a database. A queue that is rung for twice before anybody heard it is
// told once; one that is rung for before River listens is told when it does.
type bell struct {
	mu   sync.Mutex
	rung map[string]bool // queues
	heed chan struct{}   // holds one token while something is rung
}

func newBell() *bell { return &bell{rung: map[string]bool{}, heed: make(chan struct{}, 1)} }

// ring must only be called when the job can be seen: after its commit.
func (b *bell) ring(queues ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, queue := range queues {
		b.rung[queue] = true
	}
	b.left()
}

// left puts the token back while something is left to be told.
func (b *bell) left() {
	if len(b.rung) > 0 {
		select {
		case b.heed <- struct{}{}:
		default:
		}
	}
}

// WaitForNotification implements riverdriver.Listener.
func (b *bell) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-b.heed:
		}
		if queue, ok := b.next(); ok {
			return &riverdriver.Notification{Topic: topicInsert, Payload: fmt.Sprintf(`{"queue": %q}`, queue)}, nil
		}
	}
}

func (b *bell) next() (queue string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for queue = range b.rung {
		delete(b.rung, queue)
		b.left()
		return queue, true
	}
	return "", false
}

// The rest of riverdriver.Listener is about a connection, which a bell has none of.

// Connect implements riverdriver.Listener.
func (*bell) Connect(context.Context) error { return nil }

// Close implements riverdriver.Listener.
func (*bell) Close(context.Context) error { return nil }

// Ping implements riverdriver.Listener.
func (*bell) Ping(context.Context) error { return nil }

// Listen implements riverdriver.Listener.
func (*bell) Listen(context.Context, string) error { return nil }

// Unlisten implements riverdriver.Listener.
func (*bell) Unlisten(context.Context, string) error { return nil }

// Schema implements riverdriver.Listener.
func (*bell) Schema() string { return "" }

// SetAfterConnectExec implements riverdriver.Listener.
func (*bell) SetAfterConnectExec(string) {}
