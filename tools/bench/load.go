package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"pointbridge/app"
	"pointbridge/demo"
	"pointbridge/tools/floor"
)

// call makes one request to the service, as the POS, and gives the answer's status and body.
func (b *bed) call(ctx context.Context, method, path, key string, body any) (int, []byte, error) {
	return b.callAs(ctx, b.key, method, path, key, body)
}

func (b *bed) callAs(ctx context.Context, token, method, path, key string, body any) (int, []byte, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	if body == nil {
		raw = nil
	}
	req, err := http.NewRequestWithContext(ctx, method, b.base+path, bytes.NewReader(raw))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := b.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

func (b *bed) linkMembers(ctx context.Context, n int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for _, p := range demo.Crowd(n) {
		group.Go(func() error {
			status, answer, err := b.call(ctx, http.MethodPut, "/v1/customers/"+p.ID, "", map[string]string{
				"shopify_customer_id": p.Shopify, "name": p.Name, "email": p.Email, "locale": p.Locale})
			if err == nil && status != http.StatusCreated {
				err = fmt.Errorf("link %s: %d %s", p.ID, status, answer)
			}
			return err
		})
	}
	return group.Wait()
}

// Convert asks for one conversion and wants it finished.
func (b *bed) Convert(ctx context.Context, member string, key string) error {
	status, _, err := b.call(ctx, http.MethodPost, "/v1/customers/"+member+"/conversions", key,
		map[string]int{"points": 100})
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("status %d", status)
	}
	return err
}

// throughput runs floor and service in turn and prints the medians of the rounds.
func (b *bed) throughput(ctx context.Context, o benchOptions, out io.Writer) error {
	var serial atomic.Int64
	member := func() (string, int64) {
		n := serial.Add(1)
		return fmt.Sprintf("m%d", n%int64(o.members)+1), n
	}
	var floors, services, ratios []float64
	var last floor.Sample
	for round := range o.rounds {
		bare := floor.ClosedLoop(ctx, o.clients, time.Duration(o.seconds)*time.Second, func(ctx context.Context, _,
			_ int) error {
			m, n := member()
			return b.floor.Convert(ctx, m, n)
		})
		service := floor.ClosedLoop(ctx, o.clients, time.Duration(o.seconds)*time.Second, func(ctx context.Context, _,
			_ int) error {
			m, n := member()
			return b.Convert(ctx, m, fmt.Sprintf("bench-%d", n))
		})
		if len(bare.Errors)+len(service.Errors) > 0 {
			return fmt.Errorf("errors: bare %v, service %v", bare.Errors, service.Errors)
		}
		floors, services = append(floors, bare.Rate()), append(services, service.Rate())
		ratios = append(ratios, service.Rate()/bare.Rate())
		last = service
		_, _ = fmt.Fprintf(out, "round %d    bare %6.0f/s   service %6.0f/s   ratio %.2f\n", round+1, bare.Rate(),
			service.Rate(), service.Rate()/bare.Rate())
	}
	_, _ = fmt.Fprintf(out, "median     floor %6.0f/s   service %6.0f/s   ratio %.2f (reach: at least 0.50)\n",
		median(floors), median(services), median(ratios))
	_, _ = fmt.Fprintf(out, "latency    p50 %s   p95 %s   p99 %s (last round, closed loop)\n", ms(last.Percentile(50)),
		ms(last.Percentile(95)), ms(last.Percentile(99)))
	return ctx.Err()
}

// AwaitQuiet waits until the mails and metafields of the throughput run are done, so that they do not disturb the next
// one.
func (b *bed) AwaitQuiet(ctx context.Context, out io.Writer) error {
	began := time.Now()
	if err := b.untilNone(ctx, b.queued); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "queue      mails and metafields of all rounds done %.0f s after the last one\n",
		time.Since(began).Seconds())
	return nil
}

// slow measures what the service adds to upstreams that take their time.
func (b *bed) slow(ctx context.Context, o benchOptions, out io.Writer) error {
	if err := b.delays(ctx, o.posDelay, o.shopifyDelay); err != nil {
		return err
	}
	run := time.Now().UnixNano()
	for _, rate := range []int{o.rate, 2 * o.rate} {
		if err := b.slowBeside(ctx, o, rate, run, out); err != nil {
			return err
		}
	}
	if err := b.slowRefunds(ctx, o, run, out); err != nil {
		return err
	}
	return b.delays(ctx, 0, 0)
}

// slowTurns is how often service and floor take turns in the run with slow upstreams.
const slowTurns = 4

// slowBeside measures the service at a fixed rate beside the floor, which waits as long between the same commits: what
// both have of a tail is the disk's, or the machine's.
func (b *bed) slowBeside(ctx context.Context, o benchOptions, rate int, run int64, out io.Writer) error {
	var served, bare floor.Sample
	each := time.Duration(o.slowSeconds) * time.Second / slowTurns
	waits, sum := floor.Waits{POS: o.posDelay, Shop: o.shopifyDelay}, o.posDelay+o.shopifyDelay
	for turn := range slowTurns {
		served = served.With(floor.OpenLoop(ctx, rate, each, func(ctx context.Context, n int) error {
			return b.Convert(ctx, fmt.Sprintf("m%d", n%o.members+1), fmt.Sprintf("slow-%d-%d-%d-%d", run, rate, turn, n))
		}))
		bare = bare.With(floor.OpenLoop(ctx, rate, each, func(ctx context.Context, n int) error {
			return b.floor.ConvertSlowly(ctx, fmt.Sprintf("m%d", n%o.members+1), 1<<62+int64(rate)<<44+int64(turn)<<36+int64(n), waits)
		}))
	}
	for who, s := range map[string]floor.Sample{"service": served, "floor": bare} {
		if len(s.Errors) > 0 {
			return fmt.Errorf("errors of the %s: %v", who, s.Errors)
		}
	}
	above := func(s floor.Sample, p float64) string { return ms(s.Percentile(p) - sum) }
	_, _ = fmt.Fprintf(out, "slow       upstreams %s + %s, %d/s, above their sum: service p50 +%s   p95 +%s   p99 +%s   floor p50 +%s   p95 +%s   p99 +%s\n",
		o.posDelay, o.shopifyDelay, rate, above(served, 50), above(served, 95), above(served, 99), above(bare, 50), above(bare, 95),
		above(bare, 99))
	return nil
}

// delays makes the two acts of a conversion take their time.
func (b *bed) delays(ctx context.Context, pos, store time.Duration) error {
	if err := b.delay(ctx, "pos.deduct", pos); err != nil {
		return err
	}
	return b.delay(ctx, "shopify.discountCodeBasicCreate", store)
}

// delay tells a simulator to take its time.
func (b *bed) delay(ctx context.Context, act string, d time.Duration) error {
	path, header, token := demo.PosPath, "Authorization", "Bearer "+app.ValueOf(b.env, "POS_TOKEN")
	if strings.HasPrefix(act, "shopify.") {
		path, header, token = demo.ShopifyPath, "X-Shopify-Access-Token", b.accessToken
	}
	body := fmt.Sprintf(`{"act": %q, "delay_ms": %d}`, act, d.Milliseconds())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.outsideBase+path+"/_sim/faults",
		strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set(header, token)
	res, err := b.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= 300 {
		return fmt.Errorf("the simulator refuses a delay: %s", res.Status)
	}
	return nil
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// slowRefundRate is how many refunds a second a POS asks for while the upstreams take their time.
const slowRefundRate = 20

// slowRefunds measures how long a POS waits for the answer to a refund, with the same upstreams.
func (b *bed) slowRefunds(ctx context.Context, o benchOptions, run int64, out io.Writer) error {
	const wanted = 5 * slowRefundRate
	codes := make([]string, wanted)
	made := floor.OpenLoop(ctx, slowRefundRate, wanted/slowRefundRate*time.Second, func(ctx context.Context,
		n int) (err error) {
		codes[n%wanted], err = b.convertFor(ctx, fmt.Sprintf("m%d", n%o.members+1), fmt.Sprintf("refundable-%d-%d", run,
			n))
		return err
	})
	if len(made.Errors) > 0 {
		return fmt.Errorf("errors: %v", made.Errors)
	}
	s := floor.OpenLoop(ctx, slowRefundRate, wanted/slowRefundRate*time.Second, func(ctx context.Context, n int) error {
		body := map[string]string{"coupon_code": codes[n%wanted], "reference": fmt.Sprintf("R-%d-%d", run, n%wanted),
			"reason": "other"}
		status, _, err := b.callAs(ctx, b.admin, http.MethodPost, "/v1/refunds", fmt.Sprintf("refund-%d-%d", run, n),
			body)
		if err == nil && status != http.StatusAccepted {
			err = fmt.Errorf("refund: status %d", status)
		}
		return err
	})
	if len(s.Errors) > 0 {
		return fmt.Errorf("errors: %v", s.Errors)
	}
	_, _ = fmt.Fprintf(out, "refunds    same upstreams, %d/s: answered within p50 %s   p95 %s   p99 %s (reach: below 500 ms)\n", slowRefundRate,
		ms(s.Percentile(50)), ms(s.Percentile(95)), ms(s.Percentile(99)))
	return nil
}
