package metafields

import (
	"context"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/beside"
)

// call brings up to AtOnce metafields up to date, and collects what became of them.
type call struct {
	*Service
	now     time.Time
	settled []Settled
}

// pending is a metafield that is not written yet. Looked says that what stands there was read in this call.
type pending struct {
	Projection
	value  []byte
	looked bool
}

// write writes all of them in one act. Where the shop refuses some, it has written none: those are taken out, or looked
// at where somebody else wrote, and the others are written without them. Each turn has one fewer of either, so that this
// ends.
func (c *call) write(ctx context.Context, list []Projection) error {
	todo := c.valued(ctx, list)
	for len(todo) > 0 {
		var err error
		if todo, err = c.look(ctx, todo); err != nil {
			return c.putOff(todo, err)
		}
		if len(todo) == 0 {
			return nil
		}
		digests, refused, err := c.send(ctx, todo)
		switch {
		case worded(err) && len(todo) > 1:
			return c.writeEach(ctx, todo) // it may be about one of them, and does not say which
		case worded(err):
			c.setAside(ctx, todo[0], domain.ReasonOf(err))
			return nil
		case err != nil:
			return c.putOff(todo, err)
		case len(refused) == 0:
			for i, p := range todo {
				c.done(p, digests[i])
			}
			return nil
		}
		todo = c.sort(ctx, todo, refused)
	}
	return nil
}

// writeEach writes one after the other.
func (c *call) writeEach(ctx context.Context, todo []pending) error {
	for i, p := range todo {
		if err := c.write(ctx, []Projection{p.Projection}); err != nil {
			return c.putOff(todo[i+1:], err)
		}
	}
	return nil
}

// valued says what each is to say.
func (c *call) valued(ctx context.Context, list []Projection) []pending {
	todo := make([]pending, 0, len(list))
	for _, p := range list {
		value, err := entriesOf(p.Coupons, c.now)
		if err != nil {
			c.setAside(ctx, pending{Projection: p}, "cannot_be_said")
			continue
		}
		todo = append(todo, pending{Projection: p, value: value})
	}
	return todo
}

// look reads those of which nobody knows what stands there. What says already what it should is left alone: the shop
// tells of each write, and an answer to that must not be another one. With an error it gives those that are not settled.
func (c *call) look(ctx context.Context, todo []pending) (left []pending, err error) {
	found := make([]metafield, len(todo))
	read := beside.Each(ctx, len(todo), readsAtOnce, func(ctx context.Context, i int) error {
		if todo[i].Digest == DigestUnknown {
			found[i] = c.read(ctx, todo[i].CustomerGID)
		}
		return found[i].err
	})
	for i, p := range todo {
		f := found[i]
		f.err = read[i]
		switch {
		case f.err != nil && (worded(f.err) || domain.KindOf(f.err) == domain.KindNotFound):
			c.setAside(ctx, p, domain.ReasonOf(f.err))
			continue
		case f.err != nil:
			err = f.err
		case f.read && Same(f.value, p.value):
			c.done(p, f.digest)
			continue
		case f.read:
			p.Digest, p.looked = f.digest, true
		}
		left = append(left, p)
	}
	return left, err
}

// sort takes out what is refused for good, and marks for a look, once, what somebody else wrote: it is edited by hand,
// or was written in a call whose answer was lost.
func (c *call) sort(ctx context.Context, todo []pending, refused map[int]string) (left []pending) {
	for i, p := range todo {
		reason, is := refused[i]
		switch {
		case !is:
			left = append(left, p)
		case reason == domain.ReasonStale && !p.looked:
			p.Digest = DigestUnknown
			left = append(left, p)
		case reason == domain.ReasonStale:
			// Somebody writes it at this moment.
			c.settled = append(c.settled, Settled{CustomerID: p.CustomerID, Digest: DigestUnknown, After: c.now.Add(awayFor)})
		default:
			c.setAside(ctx, p, reason)
		}
	}
	return left
}

func (c *call) done(p pending, digest string) {
	c.settled = append(c.settled, Settled{CustomerID: p.CustomerID, Written: p.Wanted, Digest: digest})
}

// setAside leaves alone for a while what the shop refuses.
func (c *call) setAside(ctx context.Context, p pending, reason string) {
	c.Logger.WarnContext(ctx, "a metafield is refused, and is tried again later", "reason", reason)
	c.settled = append(c.settled, Settled{CustomerID: p.CustomerID, Digest: p.Digest, After: c.now.Add(asideFor)})
}

// putOff leaves what could not be written to a later time, with what was known of it.
func (c *call) putOff(todo []pending, err error) error {
	after := c.now.Add(min(max(awayFor, domain.RetryAfterOf(err)), asideFor))
	for _, p := range todo {
		c.settled = append(c.settled, Settled{CustomerID: p.CustomerID, Digest: p.Digest, After: after})
	}
	return err
}

// worded tells of an error that the shop refuses in words. A bare status may be anybody's on the way there.
func worded(err error) bool {
	return err != nil && domain.KindOf(err) == domain.KindRefused && !strings.HasPrefix(domain.ReasonOf(err), "http_")
}

// metafield is what was read in the shop, if anything was.
type metafield struct {
	read   bool
	value  []byte
	digest string
	err    error
}

func (c *call) read(ctx context.Context, customerGID string) metafield {
	m, err := domain.Timed(ctx, c.Clock, c.Observer, "shopify.metafield_read",
		func(ctx context.Context) (m metafield, err error) {
			m.value, m.digest, err = c.Fields.ReadCoupons(ctx, customerGID)
			return m, err
		})
	m.read, m.err = true, err
	return m
}

func (c *call) send(ctx context.Context, todo []pending) (digests []string, refused map[int]string, err error) {
	entries := make([]Entry, 0, len(todo))
	for _, p := range todo {
		entries = append(entries, Entry{CustomerGID: p.CustomerGID, Value: p.value, Digest: p.Digest})
	}
	digests, err = domain.Timed(ctx, c.Clock, c.Observer, "shopify.metafield", func(ctx context.Context) (list []string, err error) {
		list, refused, err = c.Fields.WriteCoupons(ctx, entries)
		return list, err
	})
	return digests, refused, err
}
