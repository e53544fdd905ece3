package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/domain/listing"
)

// SetListBounds makes lists be read in the ways that are meant for many coupons.
func (s *database) SetListBounds(narrow, scan int) { s.bounds = listBounds{narrow, scan} }

// InParts is an audit that is looked at so many rows at once.
func (s Audit) InParts(rows int64) Audit {
	d := *s.database
	d.auditPart = rows
	return Audit{&d}
}

// RebuildRollupInParts adds everything up anew, so many numbers of the chain at once.
func (s Reports) RebuildRollupInParts(ctx context.Context, most int64) error {
	return s.rebuildRollup(ctx, most)
}

// SelectReviews reads reviews; what follows chooses them.
var SelectReviews = selectReviews

// Plans are statements that must go by an index however many rows there are, and the indexes.
func Plans() map[string]string {
	return map[string]string{
		`SELECT * FROM coupons WHERE ` + whereUsedBy + ` ORDER BY id`: "coupons_used_order",
		`SELECT * FROM coupons WHERE ` + whereActiveOf +
			` ORDER BY id`: "customers_shopify_customer_gid coupons_customer", strings.Replace(selectChains, "IN ?",
			"IN (?)", 1): "coupons_first_code",
		strings.ReplaceAll(selectMovedToday, "IN ?", "IN (?)"): "coupons_cancel_actor reviews_decided",
		selectReviews + `r.id = ?`:                             "customers_email_key customers_phone_key coupons_customer reviews_coupon",
	}
}

// ActionIs is the condition for an action of the audit, whose value is $1.
func ActionIs(action string) string { return strings.Replace(actionIs(action), "?", "$1", 1) }

// OrderPlans are the lists of a status in each order that is not one of ids or refunds, and the index that has it.
func OrderPlans() map[string]string {
	indexes := map[string]string{"expires_at": "coupons_status_end", "amount_minor": "coupons_status_amount",
		"created_at": "coupons_status_created", "points": "coupons_status_points"}
	plans := map[string]string{}
	for _, sort := range listing.Sorts() {
		if index, ok := indexes[column(sort)]; ok {
			by := pageQuery{f: listing.Filter{Sort: sort}}.by()
			plans[`SELECT * FROM coupons WHERE status = ? ORDER BY `+by+` LIMIT ?`] = index
		}
	}
	return plans
}

// IdentityPlans are the statements that must go by an index however many rows there are, and the indexes
// of which one is used.
func IdentityPlans() map[string]string {
	many := strings.NewReplacer("IN ?", "IN (?, ?)")
	return map[string]string{
		selectCandidates:                      "identity_digests_find",
		withParts + many.Replace(selectAlike): "identity_digests_decisions",
		many.Replace(selectTold):              "identity_digests_find",
		many.Replace(selectShowing):           "identity_digests_decisions",
		many.Replace(selectPhoneAlone):        "identity_digests_decisions",
		selectOutdated:                        "identity_digests_key",
		selectOldUses:                         "identity_uses_kept",
		selectOldDecisions:                    "decisions_kept",
		selectOldVerdicts:                     "identity_digests_verdicts|sqlite_autoindex_identity_digests_1",
		selectDecisions + ` WHERE d.stage = 'order' AND d.order_id = ? AND d.code = ? AND d.campaign_id = ?`: "decisions_order",
	}
}

// CodePlans are the statements that find the codes of a chunk, with as many texts.
func CodePlans(n int) []string {
	list := "IN (?" + strings.Repeat(", ?", n-1) + ")"
	return []string{strings.Replace(updateFates, "IN ?", list, 1), strings.Replace(updateSent, "IN ?", list, 1)}
}

// HotLook is what is read for every decision on PostgreSQL.
var HotLook = hotLook

// LookBothWays reads with one statement and with two.
func (s Identity) LookBothWays(ctx context.Context, campaignID int64, asked identity.Print,
	at time.Time) (once, two decisions.Known, err error) {
	if once, err = s.lookAtOnce(ctx, campaignID, asked, at); err != nil {
		return once, two, err
	}
	two, err = s.lookInTwo(ctx, campaignID, asked)
	return once, two, err
}

// RiskPlans are the statements behind a review's risk, and their indexes.
func (s *database) RiskPlans() map[string]string {
	return map[string]string{
		selectMatches:             "customers_email_key customers_phone_key coupons_customer reviews_coupon",
		Reviews{s}.selectAround(): "customers_email_key customers_phone_key audit_refused",
	}
}

// Translate and InDoubt say what errors of the database mean.
var (
	Translate = translate
	InDoubt   = inDoubt
)

// Prelude is what transactions to this address begin with behind a pooler in transaction mode, and the parameters that
// are left for the start of a connection.
func Prelude(url string) (string, map[string]string, error) {
	conn, err := settings(url, statementTimeout)
	if err != nil {
		return "", nil, err
	}
	lend(conn)
	conn, prelude := preludeOf(conn)
	return prelude, conn.RuntimeParams, nil
}

// ConnectLimit is how long making a connection to this address may take.
func ConnectLimit(url string) (time.Duration, error) {
	conn, err := settings(url, statementTimeout)
	if err != nil {
		return 0, err
	}
	return conn.ConnectTimeout, nil
}

// Pool is the service's to this address, of one connection, except that it is asked for a sign of life each time before
// it is used again, which may take so long, and that making one may take so long.
func Pool(url string, alive, connect time.Duration) (*sql.DB, error) {
	conn, err := settings(url, statementTimeout)
	if err != nil {
		return nil, err
	}
	conn.ConnectTimeout = connect
	always := func(context.Context, stdlib.ShouldPingParams) bool { return true }
	return poolOf(conn, 1, alive, stdlib.OptionShouldPing(always)), nil
}

// CountStatements counts the statements that read, from now on.
func CountStatements(s *Store) *atomic.Int64 {
	n := &atomic.Int64{}
	count := func(*gorm.DB) { n.Add(1) }
	on := s.db.Callback()
	if err := errors.Join(on.Query().Before("*").Register("count", count), on.Row().Before("*").Register("count", count),
		on.Raw().Before("*").Register("count", count)); err != nil {
		panic(err)
	}
	return n
}

// LedPlan is the search of two words of which the first leads, and its values.
func LedPlan(lead, other string, limit int) (text string, args []any) {
	c := ledBy(lead, []string{lead, other}, limit)
	return numbered(c.text), c.args
}

// ScanPlan is what is looked through for a text among the coupons of a status, and its values.
func ScanPlan(status domain.Status, text string, limit int) (string, []any) {
	l := pageQuery{f: listing.Filter{Status: status, Limit: limit, Made: true}, bounds: usualBounds}
	c := l.scan(where("customer_id = ?", text), where("status = ?", string(status)))
	return numbered(c.text), c.args
}

// SelectNewest finds the newest coupons of two customers.
var SelectNewest = strings.Replace(newestOf, "IN ?)", "IN ($1, $2))", 1)

// HoldCommits keeps a shared commit under way until free is called, and HoldNotes does so with notes that a mail is being
// sent. CommitsWaiting and NotesWaiting are how many wait for the next one.
func (s *Store) HoldCommits() (free func()) { return s.commits.hold() }

func (s *Store) CommitsWaiting() int { return s.commits.waits() }

func (s *Store) HoldNotes() (free func()) { return s.begun.hold() }

func (s *Store) NotesWaiting() int { return s.begun.waits() }

func (g *together[T]) hold() (free func()) {
	began, end := make(chan struct{}), make(chan struct{})
	go func() {
		var none T
		_ = g.do(context.Background(), none, func([]T) error {
			close(began)
			<-end
			return nil
		})
	}()
	<-began
	return sync.OnceFunc(func() { close(end) })
}

func (g *together[T]) waits() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting)
}

// ByKeys goes before SharedText.
const ByKeys = "SELECT " + byKeys

// SharedText is the statement that writes changes like this one, and how many values it has.
func (s *Store) SharedText(c coupons.Change) (text string, values int, err error) {
	u, _, err := s.Coupons.usualWithJobs(c)
	if err != nil {
		return "", 0, err
	}
	text, args := statement([]*shape{&u.shape})
	return text, len(args), nil
}
