package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store"
	"pointbridge/tools/floor"
)

// crowdOf is so many people, each of whom used a code of one campaign once. Ten live in each house, and a hundred come
// from each network.
type crowdOf struct{ size int }

func (c crowdOf) shown(n int) identity.Shown {
	return identity.Shown{CustomerID: fmt.Sprint("gid://shopify/Customer/", 5_000_000_000+n),
		Emails: []string{fmt.Sprintf("person%d@example.com", n)}, Phones: []string{c.phone(n)},
		Addresses: []identity.PostalAddress{{Line1: c.line(n), City: "中央区", Province: "東京都", Zip: "1040061",
			Country: "JP"}}, IPs: []string{c.network(n)}}
}

func (c crowdOf) phone(n int) string   { return fmt.Sprintf("+8190%08d", 10_000_000+n%80_000_000) }
func (c crowdOf) line(n int) string    { return fmt.Sprintf("銀座%d-%d", n/10/900+1, n/10%900+1) }
func (c crowdOf) network(n int) string { n /= 100; return fmt.Sprintf("20.%d.%d.9", n/256%256, n%256) }

// question is about somebody of the crowd, or, every second time, about somebody new in a house that is known.
func (c crowdOf) question(n int) map[string]any {
	who := n * 7919 % c.size
	mail, phone, customer := fmt.Sprintf("person%d@example.com", who), c.phone(who), 5_000_000_000+who
	if n%2 == 1 {
		mail, phone, customer = fmt.Sprintf("new%d@example.com", n), c.phone(70_000_000+n%1_000_000), 9_000_000_000+n
	}
	return map[string]any{"code": "SUMMER-1", "stage": "checkout", "ip": c.network(who), "cart": map[string]any{"currency": "JPY"},
		"customer": map[string]any{"id": fmt.Sprint("gid://shopify/Customer/", customer), "email": mail, "phone": phone},
		"address":  map[string]any{"line1": c.line(who), "city": "中央区", "province": "東京都", "zip": "1040061", "country": "JP"}}
}

// bareDecision reads and writes for the n-th question what a decision does.
func (c crowdOf) bareDecision(cfg app.Config, bare *floor.Deciding) func(context.Context, int) error {
	forms, err := cfg.Canonical()
	if err != nil {
		return func(context.Context, int) error { return err }
	}
	ring, err := cfg.IdentityKeys()
	return func(ctx context.Context, n int) error {
		if err != nil {
			return err
		}
		print, err := ring.Print(forms.Forms(c.shown(n * 7919 % c.size)))
		if err != nil {
			return err
		}
		var kinds []string
		var digests [][]byte
		for kind, list := range print {
			for _, d := range list {
				kinds, digests = append(kinds, string(kind)), append(digests, append([]byte{}, d.Sum[:]...))
			}
		}
		return bare.Decide(ctx, kinds, digests)
	}
}

// fill writes a campaign, its uses and their digests, and beside them a table with the raw values that is there for the
// comparison alone. Indexes are made when the rows are there.
func (c crowdOf) fill(ctx context.Context, database string, cfg app.Config) (campaign int64, err error) {
	if campaign, err = makeCampaign(ctx, database); err != nil {
		return 0, err
	}
	return campaign, c.fillUses(ctx, database, cfg, campaign)
}

func (c crowdOf) fillUses(ctx context.Context, database string, cfg app.Config, campaign int64) error {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return errors.New("the database cannot be reached")
	}
	defer func() { _ = conn.Close(ctx) }()
	again, err := withoutIndexes(ctx, conn)
	if err != nil {
		return err
	}
	for _, statement := range []string{
		fmt.Sprintf(`INSERT INTO identity_uses (id, campaign_id, order_id, order_name, code, customer_gid, used_at, gross, discount, currency, source, seen_at)
			SELECT n + 1, %d, 'gid://shopify/Order/' || n, '#' || n, 'SUMMER-' || n, 'gid://shopify/Customer/' || (5000000000 + n),
			now() - n * interval '1 second', 5000, 500, 'JPY', 'order', now() FROM generate_series(0, %d) AS n`, campaign, c.size-1),
		`CREATE TABLE raw_uses (email text, phone text, address text)`,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	if err := c.digests(ctx, conn, cfg, campaign); err != nil {
		return err
	}
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"raw_uses"}, []string{"email", "phone", "address"},
		pgx.CopyFromSlice(c.size, func(n int) ([]any, error) {
			return []any{fmt.Sprintf("Person%d@Example.com", n), c.phone(n), c.line(n)}, nil
		})); err != nil {
		return err
	}
	for _, statement := range append(again, `VACUUM ANALYZE`, `CHECKPOINT`) {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// makeCampaign makes one that is enforced, whose codes begin with SUMMER-.
func makeCampaign(ctx context.Context, database string) (int64, error) {
	db, err := store.Open(ctx, store.Config{URL: database, MaxConns: 2})
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	by := domain.Caller{ID: "bench", Name: "bench", Role: domain.RoleSystemAdmin}
	p := decisions.NewPolicy(decisions.High)
	p.Mode = decisions.Enforce
	book := campaigns.Service{Campaigns: db.Campaigns, Now: time.Now}
	made, err := book.Make(ctx, by, campaigns.Campaign{Key: "summer", Prefix: "SUMMER-", Policy: p,
		Names: []campaigns.Name{{Language: "en", Text: "Summer"}}})
	if err == nil {
		_, err = book.SetStatus(ctx, by, made.Key, campaigns.Live, "")
	}
	return made.ID, err
}

// withoutIndexes drops the indexes of digests, and gives the statements that make them again.
func withoutIndexes(ctx context.Context, conn *pgx.Conn) (again []string, err error) {
	rows, err := conn.Query(ctx, `SELECT indexname, indexdef FROM pg_indexes
		WHERE tablename = 'identity_digests' AND indexname NOT LIKE '%pkey'`)
	if err != nil {
		return nil, err
	}
	var names []string
	var name, definition string
	if _, err := pgx.ForEachRow(rows, []any{&name, &definition}, func() error {
		names, again = append(names, name), append(again, definition)
		return nil
	}); err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, err := conn.Exec(ctx, `DROP INDEX `+pgx.Identifier{name}.Sanitize()); err != nil {
			return nil, err
		}
	}
	return again, nil
}

// digests writes what the uses showed, made as the service makes it.
func (c crowdOf) digests(ctx context.Context, conn *pgx.Conn, cfg app.Config, campaign int64) error {
	forms, err := cfg.Canonical()
	if err != nil {
		return err
	}
	ring, err := cfg.IdentityKeys()
	if err != nil {
		return err
	}
	now := time.Now()
	var waiting [][]any
	n := 0
	next := func() ([]any, error) {
		for len(waiting) == 0 {
			if n == c.size {
				return nil, nil
			}
			print, err := ring.Print(forms.Forms(c.shown(n)))
			if err != nil {
				return nil, err
			}
			for kind, list := range print {
				for _, d := range list {
					waiting = append(waiting, []any{"use", int64(n + 1), string(kind), append([]byte{}, d.Sum[:]...), int32(d.Key),
						campaign, now.Add(-time.Duration(n) * time.Second)})
				}
			}
			n++
		}
		row := waiting[0]
		waiting = waiting[1:]
		return row, nil
	}
	_, err = conn.CopyFrom(ctx, pgx.Identifier{"identity_digests"}, []string{"subject", "subject_id", "kind", "digest",
		"key_version", "campaign_id", "at"}, pgx.CopyFromFunc(next))
	return err
}

// compared asks for the same people by a statement on raw values, one after the other.
func (c crowdOf) compared(ctx context.Context, database string, times int) (floor.Sample, error) {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return floor.Sample{}, errors.New("the database cannot be reached")
	}
	defer func() { _ = conn.Close(ctx) }()
	s := floor.InTurn(ctx, 1, times, func(ctx context.Context, n int) error {
		who := n * 7919 % c.size
		var found int
		return conn.QueryRow(ctx, `SELECT count(*) FROM raw_uses WHERE (lower(email) = lower($1))::int
			+ (regexp_replace(phone, '[^0-9+]', '', 'g') = $2)::int + (lower(address) = lower($3))::int >= 2`,
			fmt.Sprintf("person%d@example.com", who), c.phone(who), c.line(who)).Scan(&found)
	})
	if len(s.Errors) > 0 {
		return s, fmt.Errorf("errors: %v", s.Errors)
	}
	return s, nil
}
