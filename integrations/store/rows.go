package store

import (
	"cmp"
	"encoding/json"
	"maps"
	"time"

	"pointbridge/domain"
)

// Rows are what stands in the tables; they never leave the package.

type customerRow struct {
	ID                     string `gorm:"primaryKey"`
	ShopifyCustomerGID     string `gorm:"column:shopify_customer_gid"`
	Name                   string
	NameKana               string
	Email                  string
	Phone                  string
	EmailKey               string
	PhoneKey               string
	Locale                 string
	Rank                   string
	LockedUntil            *time.Time
	ProjectionWanted       int64
	ProjectionWritten      int64
	ProjectionDigest       string
	ProjectionClaimedUntil *time.Time
	ProjectionChangedAt    *time.Time
	CreatedAt              time.Time `gorm:"autoCreateTime:false"`
	UpdatedAt              time.Time `gorm:"autoUpdateTime:false"`
}

func (customerRow) TableName() string { return "customers" }

func (r customerRow) domain() domain.Customer {
	return domain.Customer{ID: r.ID, ShopifyCustomerGID: r.ShopifyCustomerGID, Name: r.Name,
		NameKana: r.NameKana, Email: r.Email, Phone: r.Phone, EmailKey: r.EmailKey, PhoneKey: r.PhoneKey, Locale: r.Locale, Rank: r.Rank,
		LockedUntil: utcOrNil(r.LockedUntil), CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC()}
}

type couponRow struct {
	ID                 int64 `gorm:"primaryKey"`
	Code               string
	Status             string
	CustomerID         string
	ShopifyCustomerGID string `gorm:"column:shopify_customer_gid"`
	Campaign           string
	RulesVersion       int
	Points             int64
	AmountMinor        int64
	Percent            int64
	Currency           string
	Rate               string
	Rank               string
	CreatedAt          time.Time `gorm:"autoCreateTime:false"`
	ExpiresAt          time.Time
	ActivatedAt        *time.Time
	UsedAt             *time.Time
	UsedOrder          string
	UsedOrderID        string
	CancelledAt        *time.Time
	CancelledBy        string
	CancelActor        string
	CancelStartedAt    *time.Time
	Reason             string
	Note               string
	ReissuedFrom       string
	SupersededBy       string
	FirstCode          string
	DiscountID         string
	DiscountDeletedAt  *time.Time
	RemoveAfter        *time.Time
	DeactivatedAt      *time.Time
	Terms              string
	EndSetUntil        *time.Time
	Unfinished         bool
	Failure            string
	LeaseUntil         time.Time
	Attempts           int
	ParkedAt           *time.Time
	Version            int64
}

func (couponRow) TableName() string { return "coupons" }

// noRate is what stands for the rate of a coupon that points did not become.
const noRate = "0"

func couponToRow(c domain.Coupon) (couponRow, error) {
	failure := ""
	if c.Failure != nil {
		text, err := json.Marshal(c.Failure)
		if err != nil {
			return couponRow{}, err
		}
		failure = string(text)
	}
	return couponRow{ID: c.ID, Code: c.Code, Status: string(c.Status), CustomerID: c.CustomerID,
		ShopifyCustomerGID: c.ShopifyCustomerGID, Campaign: cmp.Or(c.Campaign, domain.CampaignPoints), RulesVersion: c.Rules,
		Points:      c.Points,
		AmountMinor: c.Amount.Minor, Percent: c.Percent, Currency: c.Amount.Currency, Rate: c.Rate.String(), Rank: c.Rank, CreatedAt: utc(c.CreatedAt),
		ExpiresAt: utc(c.ExpiresAt), ActivatedAt: utcOrNil(c.ActivatedAt), UsedAt: utcOrNil(c.UsedAt),
		UsedOrder: c.UsedOrder, UsedOrderID: c.UsedOrderID, CancelledAt: utcOrNil(c.CancelledAt),
		CancelledBy: c.CancelledBy, CancelActor: c.CancelActor, CancelStartedAt: utcOrNil(c.CancelStartedAt),
		Reason: c.Reason, Note: c.Note, ReissuedFrom: c.ReissuedFrom, SupersededBy: c.SupersededBy,
		FirstCode: c.FirstCode, DiscountID: c.DiscountID, DiscountDeletedAt: utcOrNil(c.DiscountDeletedAt), RemoveAfter: utcOrNil(c.RemoveAfter),
		Terms: c.Terms, EndSetUntil: utcOrNil(c.EndSetUntil), DeactivatedAt: utcOrNil(c.DeactivatedAt), Unfinished: c.Unfinished, Failure: failure, LeaseUntil: utc(c.LeaseUntil), Attempts: c.Attempts, ParkedAt: utcOrNil(c.ParkedAt), Version: c.Version}, nil
}

func (r couponRow) domain() (domain.Coupon, error) {
	var rate domain.Rate
	if r.Rate != noRate {
		var err error
		if rate, err = domain.ParseRate(r.Rate); err != nil {
			return domain.Coupon{}, err
		}
	}
	c := domain.Coupon{ID: r.ID, Code: r.Code, Status: domain.Status(r.Status), CustomerID: r.CustomerID,
		ShopifyCustomerGID: r.ShopifyCustomerGID, Campaign: r.Campaign, Rules: r.RulesVersion, Points: r.Points,
		Amount: domain.Money{Minor: r.AmountMinor, Currency: r.Currency}, Percent: r.Percent,
		Rate: rate, Rank: r.Rank, CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(),
		ActivatedAt: utcOrNil(r.ActivatedAt), UsedAt: utcOrNil(r.UsedAt), UsedOrder: r.UsedOrder,
		UsedOrderID: r.UsedOrderID, CancelledAt: utcOrNil(r.CancelledAt), CancelledBy: r.CancelledBy,
		CancelActor: r.CancelActor, CancelStartedAt: utcOrNil(r.CancelStartedAt),
		DeactivatedAt: utcOrNil(r.DeactivatedAt), Unfinished: r.Unfinished, Terms: r.Terms,
		EndSetUntil: utcOrNil(r.EndSetUntil), Reason: r.Reason, Note: r.Note, ReissuedFrom: r.ReissuedFrom,
		SupersededBy: r.SupersededBy, FirstCode: r.FirstCode, DiscountID: r.DiscountID,
		DiscountDeletedAt: utcOrNil(r.DiscountDeletedAt), RemoveAfter: utcOrNil(r.RemoveAfter), LeaseUntil: r.LeaseUntil.UTC(), Attempts: r.Attempts,
		ParkedAt: utcOrNil(r.ParkedAt), Version: r.Version}
	if r.Failure != "" {
		c.Failure = &domain.Failure{}
		if err := json.Unmarshal([]byte(r.Failure), c.Failure); err != nil {
			return domain.Coupon{}, err
		}
	}
	return c, nil
}

type movementRow struct {
	ID               int64 `gorm:"primaryKey"`
	CouponID         int64
	CustomerID       string
	POS              string `gorm:"column:pos"`
	Account          string
	Kind             string
	State            string
	Points           int64
	Reference        string
	RelatedReference string
	Key              string
	Reason           string
	PreviousBalance  *int64
	Balance          *int64
	EntryID          string
	PointsExpireOn   string
	BeforeSent       document[domain.Sight]
	Odd              bool
	CreatedAt        time.Time `gorm:"autoCreateTime:false"`
	SettledAt        *time.Time
}

func (movementRow) TableName() string { return "movements" }

func movementToRow(m domain.Movement) movementRow {
	return movementRow{ID: m.ID, CouponID: m.CouponID, CustomerID: m.CustomerID, POS: m.POS, Account: m.Account,
		Kind:  string(m.Kind),
		State: string(m.State), Points: m.Points, Reference: m.Reference, RelatedReference: m.RelatedReference,
		Key: m.Key, Reason: m.Reason, PreviousBalance: m.PreviousBalance, Balance: m.Balance, EntryID: m.EntryID,
		PointsExpireOn: m.PointsExpireOn, BeforeSent: document[domain.Sight]{m.Before},
		Odd: m.Odd, CreatedAt: utc(m.CreatedAt), SettledAt: utcOrNil(m.SettledAt)}
}

func (r movementRow) domain() domain.Movement {
	return domain.Movement{ID: r.ID, CouponID: r.CouponID, CustomerID: r.CustomerID, POS: r.POS, Account: r.Account,
		Kind:  domain.MovementKind(r.Kind),
		State: domain.MovementState(r.State), Points: r.Points, Reference: r.Reference,
		RelatedReference: r.RelatedReference, Key: r.Key, Reason: r.Reason, PreviousBalance: r.PreviousBalance,
		Balance: r.Balance, EntryID: r.EntryID, PointsExpireOn: r.PointsExpireOn, Before: r.BeforeSent.of, Odd: r.Odd,
		CreatedAt: r.CreatedAt.UTC(), SettledAt: utcOrNil(r.SettledAt)}
}

type auditRow struct {
	ID         int64 `gorm:"primaryKey"`
	At         time.Time
	Actor      string
	ActorName  string
	Action     string
	Code       string
	CouponID   *int64
	CustomerID string
	FromStatus string
	ToStatus   string
	Outcome    string
	Detail     string
}

func (auditRow) TableName() string { return "audit" }

func auditToRow(e domain.AuditEntry, couponID int64) (auditRow, error) {
	detail, err := json.Marshal(detailOf(e))
	if err != nil {
		return auditRow{}, err
	}
	row := auditRow{At: utc(e.At), Actor: e.Actor, ActorName: e.ActorName, Action: e.Action, Code: e.Code,
		CustomerID: e.CustomerID, FromStatus: string(e.From), ToStatus: string(e.To), Outcome: e.Outcome,
		Detail: string(detail)}
	if couponID != 0 {
		row.CouponID = &couponID
	}
	return row, nil
}

// detailOf is what is stored of an entry's detail: with the credential, where there is one.
func detailOf(e domain.AuditEntry) map[string]any {
	if e.Credential == "" {
		return e.Detail
	}
	detail := make(map[string]any, len(e.Detail)+1)
	maps.Copy(detail, e.Detail)
	detail["credential"] = e.Credential
	return detail
}

func (r auditRow) domain() (domain.AuditEntry, error) {
	e := domain.AuditEntry{ID: r.ID, At: r.At.UTC(), Actor: r.Actor, ActorName: r.ActorName, Action: r.Action,
		Code: r.Code, CustomerID: r.CustomerID, From: domain.Status(r.FromStatus), To: domain.Status(r.ToStatus),
		Outcome: r.Outcome}
	if r.CouponID != nil {
		e.CouponID = *r.CouponID
	}
	return e, json.Unmarshal([]byte(r.Detail), &e.Detail)
}

// utc returns the time as both databases keep it: PostgreSQL has microseconds.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func utcOrNil(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := utc(*t)
	return &u
}
