package bench

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pointbridge/app"
	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/integrations/store"
	"pointbridge/tools/floor"
	"pointbridge/tools/subprocess"
)

type codeOptions struct {
	count, seconds, cancels int
	rate                    float64
}

func benchCodesCommand(environ []string) *cobra.Command {
	var o codeOptions
	cmd := &cobra.Command{
		Use:   "codes",
		Short: "Measure batches of codes: how fast, how much of the shop's budget, and what a cancellation beside them waits",
		Long: "Makes a database on the server of DATABASE_URL and starts the simulators and the service on it. First the store's limits\n" +
			"are lifted, and a batch of unbound codes is made as fast as the service can. Then the store gives a budget like a real\n" +
			"one, whose rate can be raised so that less time is needed, another batch is made from it, and coupons are cancelled\n" +
			"beside it. Prints codes a second, the share of the budget that was used once its first fill was spent, calls that the\n" +
			"store refused for it, and how long it took from a cancellation to the end of its code in the store.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			server := app.ValueOf(environ, "DATABASE_URL")
			if !strings.HasPrefix(server, "postgres") {
				return errors.New("DATABASE_URL must name a PostgreSQL server on which databases can be made")
			}
			return runBenchCodes(cmd.Context(), server, o, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.count, "count", 50_000, "codes of the batch without limits")
	f.IntVar(&o.seconds, "seconds", 60, "seconds in which the budget is measured")
	f.IntVar(&o.cancels, "cancels", 20, "coupons that are cancelled in that time")
	f.Float64Var(&o.rate, "restore-rate", 100, "points a second that the store gives back (100, 200, 1000 and 2000 are real plans); it keeps 20 times as many")
	return cmd
}

const (
	// reachCodes is how many unbound codes a second the service makes by itself.
	reachCodes = 1667
	// reachShare is how much of the budget a batch uses.
	reachShare = 0.98
	// reachCancel is when the code of a coupon is dead that is cancelled beside a batch.
	reachCancel = time.Second
)

func runBenchCodes(ctx context.Context, server string, o codeOptions, out io.Writer) error {
	// A service that makes no progress is told of, and not waited for without end.
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute+time.Duration(o.seconds)*time.Second)
	defer cancel()
	b := &bed{client: app.HTTPClient()}
	defer b.Close()
	if err := b.serveCodes(ctx, server, o); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, "service, simulators, load and PostgreSQL share this machine")
	began := time.Now()
	id, err := b.batchOf(ctx, "fast", o.count)
	if err != nil {
		return err
	}
	if err := b.untilDone(ctx, id); err != nil {
		return err
	}
	rate := float64(o.count) / time.Since(began).Seconds()
	_, _ = fmt.Fprintf(out, "unbound    %d codes without limits: %.0f/s (reach: %d/s): %v\n", o.count, rate, reachCodes,
		rate >= reachCodes)
	return b.withinBudget(ctx, o, out)
}

// serveCodes makes a database with a live campaign of batches, and starts the service on it.
func (b *bed) serveCodes(ctx context.Context, server string, o codeOptions) error {
	url, err := b.Database(ctx, server, "codes")
	if err != nil {
		return err
	}
	if err := b.startOutside(ctx, o.cancels); err != nil {
		return err
	}
	address, err := subprocess.FreeAddress(ctx)
	if err != nil {
		return err
	}
	b.base = "http://" + address
	env := append(b.Environment(url, address), "BOOKS_CHECK_EVERY=0")
	if err := RunOnce(ctx, env, nil, "migrate"); err != nil {
		return err
	}
	if b.watch, err = store.Open(ctx, store.Config{URL: url, Aside: true}); err != nil {
		return err
	}
	if err := RunOnce(ctx, env, &b.key, "key", "create", "--role", "pos", "--name", "bench"); err != nil {
		return err
	}
	if err := b.adminKey(ctx, env); err != nil {
		return err
	}
	if err := benchCampaign(ctx, env); err != nil {
		return err
	}
	if b.service, err = subprocess.Start(ctx, env, "serve"); err != nil {
		return err
	}
	wait, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := subprocess.AwaitReady(wait, b.base); err != nil {
		return err
	}
	return b.linkMembers(ctx, o.cancels)
}

// benchCampaign makes the campaign beside the service, by what the API calls.
func benchCampaign(ctx context.Context, env []string) error {
	db, err := store.Open(ctx, store.Config{URL: app.ValueOf(env, "DATABASE_URL"), MaxConns: 2})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	db.SetEnqueue(func(context.Context, *sql.Tx, []domain.Job) error { return nil }) // nothing is there to follow
	now := domain.SystemClock{}.Now
	service := campaigns.Service{Campaigns: db.Campaigns, Now: now}
	by := domain.Caller{ID: "bench", Name: "bench", Role: domain.RoleSystemAdmin}
	c := campaigns.Campaign{Key: "bench", Prefix: "BENCH-", Names: []campaigns.Name{{Language: "en", Text: "Bench"}},
		Policy: decisions.NewPolicy(decisions.Medium), Offer: campaigns.Offer{Codes: campaigns.Batch,
			Value:    campaigns.Value{Kind: campaigns.Percentage, Range: campaigns.One(1000)},
			StartsAt: now(), EndsAt: now().AddDate(0, 0, 7)}}
	if _, err := service.Make(ctx, by, c); err != nil {
		return err
	}
	_, err = service.SetStatus(ctx, by, c.Key, campaigns.Live, "")
	return err
}

type benchBatch struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Made   int    `json:"made"`
}

func (b *bed) batchOf(ctx context.Context, key string, count int) (string, error) {
	status, answer, err := b.callAs(ctx, b.admin, http.MethodPost, "/v1/campaigns/bench/batches", key,
		map[string]int{"count": count})
	var made benchBatch
	if err == nil && (status != http.StatusAccepted || json.Unmarshal(answer, &made) != nil) {
		err = fmt.Errorf("a batch: %d %.300s", status, answer)
	}
	return made.ID, err
}

func (b *bed) progress(ctx context.Context, id string) (got benchBatch, err error) {
	status, answer, err := b.callAs(ctx, b.admin, http.MethodGet, "/v1/campaigns/bench/batches/"+id, "", nil)
	if err == nil && (status != http.StatusOK || json.Unmarshal(answer, &got) != nil) {
		err = fmt.Errorf("a batch's progress: %d %.300s", status, answer)
	}
	return got, err
}

func (b *bed) untilDone(ctx context.Context, id string) error {
	for {
		got, err := b.progress(ctx, id)
		if err != nil || got.Status == "done" {
			return err
		}
		if got.Status != "running" {
			return fmt.Errorf("the batch is %s", got.Status)
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// withinBudget makes a batch from a budget, waits until the first fill is spent, and measures while coupons are
// cancelled.
func (b *bed) withinBudget(ctx context.Context, o codeOptions, out io.Writer) error {
	codes := make([]string, o.cancels)
	for n := range codes {
		var err error
		if codes[n], err = b.convertFor(ctx, fmt.Sprintf("m%d", n+1), fmt.Sprint("cancel-me-", n)); err != nil {
			return err
		}
	}
	if err := b.untilNone(ctx, b.queued); err != nil {
		return err
	}
	if _, err := b.budget(ctx, http.MethodPut, fmt.Sprintf(`{"maximum":%f,"restore_rate":%f}`, 20*o.rate, o.rate)); err != nil {
		return err
	}
	id, err := b.batchOf(ctx, "limited", 250_000)
	if err != nil {
		return err
	}
	// The first fill is spent as fast as the service can, down to what is kept for others.
	for last := -1.0; ; {
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
		got, err := b.budget(ctx, http.MethodGet, "")
		if err != nil {
			return err
		}
		if last >= 0 && got.Spent-last < 1.5*o.rate && got.Spent > 10*o.rate {
			break
		}
		last = got.Spent
	}
	return b.measureBudget(ctx, o, id, codes, out)
}

func (b *bed) measureBudget(ctx context.Context, o codeOptions, id string, codes []string, out io.Writer) error {
	first, err := b.budget(ctx, http.MethodGet, "")
	if err != nil {
		return err
	}
	before, err := b.progress(ctx, id)
	if err != nil {
		return err
	}
	began, every := time.Now(), time.Duration(o.seconds)*time.Second/time.Duration(max(len(codes), 1))
	var s floor.Sample
	for n, code := range codes {
		took, err := b.cancelled(ctx, code, fmt.Sprint("cancel-", n))
		if err != nil {
			return err
		}
		s.Latencies = append(s.Latencies, took)
		if err := pause(ctx, time.Until(began.Add(time.Duration(n+1)*every))); err != nil {
			return err
		}
	}
	slices.Sort(s.Latencies)
	last, err := b.budget(ctx, http.MethodGet, "")
	if err != nil {
		return err
	}
	passed := time.Since(began).Seconds()
	after, err := b.progress(ctx, id)
	if err != nil {
		return err
	}
	share := (last.Spent - first.Spent) / (passed * o.rate)
	_, _ = fmt.Fprintf(out, "budget     %.0f points/s for %.0f s: %.1f %% used (reach: %.0f %%): %v   %d calls throttled (reach: none)   %.0f codes/s\n",
		o.rate, passed, 100*share, 100*reachShare, share >= reachShare, last.Throttled, float64(after.Made-before.Made)/passed)
	_, _ = fmt.Fprintf(out, "beside it  %d cancellations: code dead in the store after p50 %s   p95 %s   worst %s (reach: below %s): %v\n",
		len(codes), ms(s.Percentile(50)), ms(s.Percentile(95)), ms(s.Percentile(100)), ms(reachCancel),
		s.Percentile(100) < reachCancel)
	return nil
}

type benchBudget struct {
	Spent     float64 `json:"spent"`
	Throttled int     `json:"throttled"`
}

// budget asks the simulated store for its budget, or sets it.
func (b *bed) budget(ctx context.Context, method, body string) (got benchBudget, err error) {
	req, err := http.NewRequestWithContext(ctx, method, b.outsideBase+demo.ShopifyPath+"/_sim/budget",
		bytes.NewReader([]byte(body)))
	if err != nil {
		return got, err
	}
	req.Header.Set("X-Shopify-Access-Token", b.accessToken)
	res, err := b.client.Do(req)
	if err != nil {
		return got, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode >= 300 {
		return got, fmt.Errorf("the simulator's budget: %s", res.Status)
	}
	if method == http.MethodGet {
		err = json.NewDecoder(res.Body).Decode(&got)
	}
	return got, err
}

// cancelled cancels a coupon and waits until its code is known to be dead in the store.
func (b *bed) cancelled(ctx context.Context, code, key string) (time.Duration, error) {
	began := time.Now()
	status, answer, err := b.callAs(ctx, b.admin, http.MethodPost, "/v1/coupons/"+code+"/cancellation", key,
		map[string]string{"reason": "customer_request"})
	if err == nil && status != http.StatusAccepted {
		err = fmt.Errorf("a cancellation: %d %.200s", status, answer)
	}
	for err == nil {
		st, lookErr := b.watch.Coupons.ByCode(ctx, code)
		if lookErr != nil {
			return 0, lookErr
		}
		if st.Coupon.DeactivatedAt != nil {
			return time.Since(began), nil
		}
		err = pause(ctx, 5*time.Millisecond)
	}
	return 0, err
}
