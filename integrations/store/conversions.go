package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
)

// CommitsNow is how many commits of coupons this process is making, or waits to make.
func (s *Store) CommitsNow() int { return int(s.making.Load()) }

// Open implements coupons.Store. The customer's row is locked by a statement of its own: what is read after it, is read
// after every earlier conversion of this customer was committed.
func (s Coupons) Open(ctx context.Context, o coupons.Opening, decide func(coupons.Intake) (coupons.Change,
	error)) (coupons.State, error) {
	s.making.Add(1)
	defer s.making.Add(-1)
	if s.usuallyOpened(o) {
		if st, err := s.openAtOnce(ctx, o, decide); !errors.Is(err, errUnusual) {
			return st, err
		}
	}
	var st coupons.State
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		in, err := s.intake(tx, o)
		if err != nil {
			return err
		}
		change, err := decide(in)
		if err != nil || change.Coupon.Code == "" {
			return err
		}
		if s.usualOpening(change) {
			st, err = insertAtOnce(change, func(args, into []any) error { return tx.Raw(openSQL, args...).Row().Scan(into...) })
		} else {
			st, err = s.insert(ctx, tx, change)
		}
		return err
	})
	if err != nil {
		return coupons.State{}, err
	}
	return st, nil
}

func (s Coupons) intake(tx *gorm.DB, o coupons.Opening) (coupons.Intake, error) {
	customer, err := s.lockHolder(tx, o)
	if err != nil {
		return coupons.Intake{}, err
	}
	var found intakeRow
	if err := tx.Raw(intakeSQL, intakeArgs(o, customer.ID)...).Row().Scan(found.into()...); err != nil {
		return coupons.Intake{}, err
	}
	in := found.intake(customer.domain())
	if found.RequestID != nil {
		if in.Replay, err = readRequest(tx, "id = ?", *found.RequestID); err != nil {
			return in, err
		}
	}
	if o.Campaign == domain.CampaignPoints {
		return in, nil
	}
	if in.Campaign, err = s.holdCampaign(tx, o.Campaign); err != nil {
		return in, err
	}
	var before int
	err = tx.Raw(heldBefore, o.Campaign, utc(o.Now), customer.ShopifyCustomerGID, customer.ShopifyCustomerGID,
		customer.ID).Row().Scan(&before)
	in.ActiveCoupons += before
	return in, err
}

// heldBefore counts the codes of a campaign that are bound to a customer of the shop and are another member's, who was
// that customer before: another card makes nobody another person. Points have no such bound: they were paid for.
const heldBefore = `SELECT count(*) FROM coupons WHERE ` + held + ` AND shopify_customer_gid = ? AND customer_id IN
	(SELECT customer_id FROM former_links WHERE customer_gid = ? AND customer_id <> ?)`

// intakeRow is what is read of a customer under their lock.
type intakeRow struct {
	Spent     int64
	Active    int
	Busy      bool
	RequestID *int64
	ProofUsed bool
}

func (r *intakeRow) into() []any {
	return []any{&r.Spent, &r.Active, &r.Busy, &r.RequestID, &r.ProofUsed}
}

func (r *intakeRow) intake(c domain.Customer) coupons.Intake {
	return coupons.Intake{Customer: c, SpentToday: r.Spent, ActiveCoupons: r.Active, Busy: r.Busy, ProofUsed: r.ProofUsed}
}

// intakeSQL reads an intakeRow, intakeArgs are its values. The customer's coupons are read once, and by nothing but whose
// they are: by their state PostgreSQL would, as long as it knows little of a new table, read everybody's.
const intakeSQL = `SELECT c.spent, c.active,
	EXISTS (SELECT 1 FROM movements WHERE customer_id = ? AND state = 'open') AS busy,
	(SELECT id FROM requests WHERE caller_id = ? AND operation = ? AND key = ?) AS request_id,
	EXISTS (SELECT 1 FROM requests WHERE proof = ? AND proof <> '') AS proof_used
FROM (SELECT coalesce(sum(points) FILTER (WHERE campaign = 'points' AND created_at >= ? AND status NOT IN ('failed', 'cancelled')
			AND reissued_from = ''), 0) AS spent,
		count(*) FILTER (WHERE ` + held + `) AS active
	FROM coupons WHERE customer_id = ?) c`

func intakeArgs(o coupons.Opening, customerID string) []any {
	return []any{customerID, o.Request.CallerID, o.Request.Operation, o.Request.Key, o.Proof, utc(o.DayStart), o.Campaign,
		utc(o.Now), customerID}
}

// holdCampaign reads a campaign that nobody changes until the transaction ends. Many may hold it at once. It is read by a
// statement of its own: one that waited for a change would see the campaign as it is now, and none of its new rules.
func (s Coupons) holdCampaign(tx *gorm.DB, key string) (campaigns.Campaign, error) {
	if s.dialect == "postgres" {
		if err := tx.Exec(`SELECT 1 FROM campaigns WHERE key = ? FOR SHARE`, key).Error; err != nil {
			return campaigns.Campaign{}, err
		}
	}
	return oneCampaign(tx, ` WHERE c.key = ?`, key)
}

// insert writes the first commit of a conversion.
func (s Coupons) insert(ctx context.Context, tx *gorm.DB, c coupons.Change) (coupons.State, error) {
	row, err := couponToRow(c.Coupon)
	if err != nil {
		return coupons.State{}, err
	}
	if err := tx.Create(&row).Error; err != nil {
		return coupons.State{}, err
	}
	st := coupons.State{Coupon: c.Coupon}
	st.Coupon.ID = row.ID
	if c.Request != nil {
		if st.RequestID, err = saveRequest(tx, *c.Request, row.ID); err != nil {
			return coupons.State{}, err
		}
	}
	if st.Movements, err = saveMovements(tx, c.Movements, row.ID); err != nil {
		return coupons.State{}, err
	}
	if err := saveAudit(tx, c.Audit, row.ID); err != nil {
		return coupons.State{}, err
	}
	return st, s.addJobs(ctx, tx, withCoupon(c.Jobs, row.ID))
}

// withCoupon names the coupon in jobs that were made before it had an id.
func withCoupon(jobs []domain.Job, id int64) []domain.Job {
	for i := range jobs {
		if jobs[i].CouponID == 0 && jobs[i].CustomerID == "" {
			jobs[i].CouponID = id
		}
	}
	return jobs
}

// Commit implements coupons.Store.
func (s Coupons) Commit(ctx context.Context, c coupons.Change) (coupons.State, error) {
	s.making.Add(1)
	defer s.making.Add(-1)
	if s.usualCommit(c) {
		return s.commitUsual(ctx, c)
	}
	var st coupons.State
	err := s.inTx(ctx, func(tx *gorm.DB) (err error) {
		st, err = s.write(ctx, tx, c)
		return err
	})
	if err != nil {
		return coupons.State{}, err
	}
	return st, nil
}

// write is a change of a coupon that exists, statement by statement.
func (s Coupons) write(ctx context.Context, tx *gorm.DB, c coupons.Change) (coupons.State, error) {
	st := coupons.State{Coupon: c.Coupon}
	st.Coupon.Version++
	if err := updateCoupon(tx, c.Coupon); err != nil {
		return coupons.State{}, err
	}
	var err error
	if c.Request != nil {
		if st.RequestID, err = saveRequest(tx, *c.Request, c.Coupon.ID); err != nil {
			return coupons.State{}, err
		}
	}
	if st.Movements, err = saveMovements(tx, c.Movements, c.Coupon.ID); err != nil {
		return coupons.State{}, err
	}
	if err := s.accompany(tx, c); err != nil {
		return coupons.State{}, err
	}
	for _, also := range c.Also {
		write := s.write
		if also.Coupon.ID == 0 {
			write = s.insert
		}
		if _, err := write(ctx, tx, also); err != nil {
			return coupons.State{}, err
		}
	}
	return st, s.addJobs(ctx, tx, c.Jobs)
}

// accompany writes what goes with a change of state.
func (s Coupons) accompany(tx *gorm.DB, c coupons.Change) error {
	if err := saveAudit(tx, c.Audit, c.Coupon.ID); err != nil {
		return err
	}
	if c.Answer != coupons.AnswerNone {
		if err := tx.Exec(`UPDATE requests SET answer = ? WHERE coupon_id = ? AND answer = ''`, string(c.Answer),
			c.Coupon.ID).Error; err != nil {
			return err
		}
	}
	if c.Project {
		if err := wantMetafield(tx, c.Coupon.CustomerID, s.now()); err != nil {
			return err
		}
	}
	for _, step := range c.Reminders {
		if err := tx.Exec(`INSERT INTO reminders (coupon_id, step, created_at) VALUES (?, ?, ?)`, c.Coupon.ID, step,
			utc(s.now())).Error; err != nil {
			return err
		}
	}
	return s.accompanyReview(tx, c)
}

// setCoupon is every column that can change after the first commit, for both ways of committing; setCouponArgs are its
// values.
const setCoupon = `status = ?, activated_at = ?, used_at = ?, used_order = ?, used_order_id = ?, cancelled_at = ?, cancelled_by = ?,
	cancel_actor = ?, cancel_started_at = ?, reason = ?, note = ?, reissued_from = ?, superseded_by = ?, discount_id = ?,
	discount_deleted_at = ?, deactivated_at = ?, unfinished = ?, failure = ?, lease_until = ?, attempts = ?, parked_at = ?,
	terms = ?, end_set_until = ?, remove_after = ?, version = version + 1`

func setCouponArgs(r couponRow) []any {
	return []any{r.Status, r.ActivatedAt, r.UsedAt, r.UsedOrder, r.UsedOrderID, r.CancelledAt, r.CancelledBy,
		r.CancelActor, r.CancelStartedAt, r.Reason, r.Note, r.ReissuedFrom, r.SupersededBy, r.DiscountID,
		r.DiscountDeletedAt, r.DeactivatedAt, r.Unfinished, r.Failure, r.LeaseUntil, r.Attempts, r.ParkedAt, r.Terms,
		r.EndSetUntil, r.RemoveAfter}
}

// updateCoupon is the compare-and-set: the row must still have the version that the change was made from.
func updateCoupon(tx *gorm.DB, c domain.Coupon) error {
	r, err := couponToRow(c)
	if err != nil {
		return err
	}
	done := tx.Exec(`UPDATE coupons SET `+setCoupon+` WHERE id = ? AND version = ?`, append(setCouponArgs(r), r.ID,
		r.Version)...)
	if done.Error != nil {
		return done.Error
	}
	if done.RowsAffected != 1 {
		return domain.ErrConflict
	}
	return nil
}

// saveMovements inserts movements without an id and updates what can change of the others.
func saveMovements(tx *gorm.DB, list []domain.Movement, couponID int64) ([]domain.Movement, error) {
	saved := make([]domain.Movement, 0, len(list))
	for _, m := range list {
		m.CouponID = couponID
		r := movementToRow(m)
		if m.ID == 0 {
			if err := tx.Create(&r).Error; err != nil {
				return nil, err
			}
			m.ID = r.ID
		} else if err := tx.Exec(`UPDATE movements SET `+setMovement+` WHERE id = ?`,
			append(setMovementArgs(r), r.ID)...).Error; err != nil {
			return nil, err
		}
		saved = append(saved, m)
	}
	return saved, nil
}

// setMovement is every column of a movement that can change, for both ways of committing; setMovementArgs are its
// values.
const setMovement = `customer_id = ?, pos = ?, account = ?, key = ?, state = ?, previous_balance = ?, balance = ?, entry_id = ?, points_expire_on = ?, before_sent = ?,
	odd = ?, settled_at = ?`

func setMovementArgs(r movementRow) []any {
	return []any{r.CustomerID, r.POS, r.Account, r.Key, r.State, r.PreviousBalance, r.Balance, r.EntryID, r.PointsExpireOn, r.BeforeSent, r.Odd, r.SettledAt}
}

func saveAudit(tx *gorm.DB, entries []domain.AuditEntry, couponID int64) error {
	if len(entries) == 0 {
		return nil
	}
	rows := make([]auditRow, 0, len(entries))
	for _, e := range entries {
		row, err := auditToRow(e, couponID)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	return tx.Create(&rows).Error
}
