package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"pointbridge/integrations/jobs"
	"pointbridge/tools/floor"
)

// convertAndCancel converts points and cancels the coupon that came of it. The cancellation ends without the request.
func (b *bed) convertAndCancel(ctx context.Context, member, key string) error {
	code, err := b.convertFor(ctx, member, key)
	if err != nil {
		return err
	}
	status, _, err := b.callAs(ctx, b.admin, http.MethodPost, "/v1/coupons/"+code+"/cancellation", key,
		map[string]string{"reason": "customer_request"})
	if err == nil && status != http.StatusAccepted {
		err = fmt.Errorf("cancel: status %d", status)
	}
	return err
}

// convertFor converts points and gives the code that came of it.
func (b *bed) convertFor(ctx context.Context, member, key string) (string, error) {
	status, answer, err := b.call(ctx, http.MethodPost, "/v1/customers/"+member+"/conversions", key,
		map[string]int{"points": 100})
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("convert: status %d", status)
	}
	if err != nil {
		return "", err
	}
	var coupon struct {
		Code string `json:"code"`
	}
	return coupon.Code, json.Unmarshal(answer, &coupon)
}

// floorOffset keeps the floor's numbers apart from those of the conversions measured before.
const floorOffset = 1_000_000_000

// mixed runs floor and service in turn on conversions that are cancelled at once. A service's round is over when its
// last cancellation is: what was only accepted is not counted as done.
func (b *bed) mixed(ctx context.Context, o benchOptions, out io.Writer) error {
	var serial atomic.Int64
	member := func() (string, int64) {
		n := serial.Add(1)
		return fmt.Sprintf("m%d", n%int64(o.members)+1), n
	}
	run := time.Now().UnixNano()
	var floors, services, ratios []float64
	var last floor.Sample
	for round := range o.rounds {
		bare := floor.ClosedLoop(ctx, o.clients, time.Duration(o.mixedSeconds)*time.Second, func(ctx context.Context, _,
			_ int) error {
			m, n := member()
			return b.floor.ConvertAndCancel(ctx, m, floorOffset+n)
		})
		began := time.Now()
		service := floor.ClosedLoop(ctx, o.clients, time.Duration(o.mixedSeconds)*time.Second, func(ctx context.Context,
			_, _ int) error {
			m, n := member()
			return b.convertAndCancel(ctx, m, fmt.Sprintf("mixed-%d-%d", run, n))
		})
		if len(bare.Errors)+len(service.Errors) > 0 {
			return fmt.Errorf("errors: bare %v, service %v", bare.Errors, service.Errors)
		}
		if err := b.untilNone(ctx, b.onTheWay); err != nil {
			return err
		}
		service.Elapsed = time.Since(began)
		last = service
		floors, services = append(floors, 2*bare.Rate()), append(services, 2*service.Rate())
		ratios = append(ratios, service.Rate()/bare.Rate())
		_, _ = fmt.Fprintf(out, "mixed %d    bare %6.0f/s   service %6.0f/s   ratio %.2f\n", round+1, 2*bare.Rate(),
			2*service.Rate(), service.Rate()/bare.Rate())
	}
	_, _ = fmt.Fprintf(out, "mixed      floor %6.0f/s   service %6.0f/s   ratio %.2f (medians; conversions and cancellations, each to its end)\n", median(floors), median(services), median(ratios))
	_, _ = fmt.Fprintf(out, "latency    p50 %s   p95 %s   p99 %s (of a conversion and the answer to its cancellation, last round)\n", ms(last.Percentile(50)), ms(last.Percentile(95)), ms(last.Percentile(99)))
	return ctx.Err()
}

// untilNone waits until the service's database counts nothing any more. It is asked directly: the metrics remember.
func (b *bed) untilNone(ctx context.Context, count func(context.Context) (int64, error)) error {
	deadline := time.Now().Add(10 * time.Minute)
	for {
		left, err := count(ctx)
		if err != nil || left == 0 {
			return err
		}
		if time.Now().After(deadline) {
			return errors.New("the service does not come to rest")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// onTheWay counts the coupons that are not at rest.
func (b *bed) onTheWay(ctx context.Context) (int64, error) {
	waiting, err := b.watch.Backlog.Gauges(ctx)
	return waiting["on_the_way"], err
}

// queued counts the jobs that are to be done, and the metafields that are behind.
func (b *bed) queued(ctx context.Context) (sum int64, err error) {
	depth, err := jobs.Depth(ctx, b.watch.DB())
	for _, n := range depth {
		sum += n
	}
	if err != nil {
		return sum, err
	}
	waiting, err := b.watch.Backlog.Gauges(ctx)
	return sum + waiting["metafields_behind"], err
}
