package store

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"pointbridge/domain/audit"
)

// linkKinds are the kinds of linkColumns as they are sent. A table whose columns were made something else is read in the
// general way, which tells of each row what is wrong with it.
var linkKinds = []uint32{pgtype.Int8OID, pgtype.Int8OID, pgtype.ByteaOID, pgtype.Int8OID, pgtype.TimestamptzOID,
	pgtype.TextOID, pgtype.TextOID, pgtype.TextOID, pgtype.TextOID, pgtype.Int8OID, pgtype.TextOID, pgtype.TextOID,
	pgtype.TextOID, pgtype.TextOID, pgtype.TextOID, pgtype.TextOID, pgtype.Int8OID, pgtype.ByteaOID}

// The places of linkColumns.
const (
	colSeq = iota
	colAuditID
	colHash
	colID
	colAt
	colActor
	colActorName
	colAction
	colCode
	colCouponID
	colCustomerID
	colFromStatus
	colToStatus
	colOutcome
	colDetail
	colKeyID
	colKeyedFrom
	colMAC
)

// linksAtOnce reads a page as PostgreSQL sends it: most of the time of a walk along a long audit went into making values
// of it that nobody keeps. ok is false where the table is not as it was made.
func (s Audit) linksAtOnce(ctx context.Context, from, to int64) (page []audit.Link, ok bool, err error) {
	err = s.bare(ctx, func(ctx context.Context, c *pgx.Conn) error {
		rows, err := c.Query(ctx, numbered(selectLinks), from, to, chainPage)
		if err != nil {
			return err
		}
		defer rows.Close()
		if ok = asSent(rows); !ok {
			return nil
		}
		page, err = readLinks(rows)
		return err
	})
	return page, ok, err
}

// asSent tells whether the values come as readLinks reads them.
func asSent(rows pgx.Rows) bool {
	fields := rows.FieldDescriptions()
	for i, f := range fields {
		if f.DataTypeOID != linkKinds[i] || (f.Format != pgx.BinaryFormatCode && f.DataTypeOID != pgtype.TextOID) {
			return false
		}
	}
	return len(fields) == len(linkKinds)
}

// readLinks takes the texts of a page into one piece of memory.
func readLinks(rows pgx.Rows) ([]audit.Link, error) {
	var (
		page  = make([]audit.Link, 0, chainPage)
		texts = make([]byte, 0, chainPage*textsOfARow)
		ends  = make([]int, 0, chainPage)
		key   string
	)
	for rows.Next() {
		v := rows.RawValues()
		l := audit.Link{Seq: number(v[colSeq]), AuditID: number(v[colAuditID])}
		copy(l.Hash[:], v[colHash])
		if v[colID] == nil {
			l.Gone, l.Fault = true, "only its seal is left"
			page, ends = append(page, l), append(ends, len(texts))
			continue
		}
		r, fault := rowOf(v)
		l.At, l.Code, l.Fault = r.At, r.Code, fault
		texts = r.AppendCanonical(texts, l.Seq)
		if string(v[colKeyID]) != key {
			key = string(v[colKeyID])
		}
		if !keyedOf(v, key, &l.Keyed) {
			l.Fault = faultKeyed
		}
		page, ends = append(page, l), append(ends, len(texts))
	}
	begin := 0
	for i, end := range ends { // only now: the texts moved as they grew
		if page[i].Gone {
			continue
		}
		page[i].Canonical, begin = texts[begin:end:end], end
	}
	return page, rows.Err()
}

// textsOfARow is about what the canonical text of a row takes.
const textsOfARow = 512

// rowOf reads a row of the audit; its texts are one piece of memory.
func rowOf(v [][]byte) (r audit.Row, fault string) {
	r.ID = number(v[colAuditID])
	fields := [...]*string{&r.Actor, &r.ActorName, &r.Action, &r.Code, nil, &r.CustomerID, &r.FromStatus, &r.ToStatus,
		&r.Outcome, &r.Detail}
	length := 0
	for i, field := range fields {
		if field != nil {
			length += len(v[colActor+i])
		}
	}
	all := make([]byte, 0, length)
	for i, field := range fields {
		if field != nil {
			all = append(all, v[colActor+i]...)
		}
	}
	text := string(all)
	for i, field := range fields {
		if field == nil {
			continue
		}
		if v[colActor+i] == nil {
			fault = faultText
		}
		*field, text = text[:len(v[colActor+i])], text[len(v[colActor+i]):]
	}
	if v[colCouponID] != nil {
		coupon := number(v[colCouponID])
		r.CouponID = &coupon
	}
	at := number(v[colAt])
	if at == endless || at == -endless-1 || len(v[colAt]) != 8 || len(v[colHash]) != len(audit.Hash{}) {
		fault = faultValue
	}
	r.At = epoch.Add(time.Duration(at/1e6) * time.Second).Add(time.Duration(at%1e6) * time.Microsecond)
	return r, fault
}

// epoch is where PostgreSQL counts the microseconds of a moment from, endless what infinity is sent as.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

const endless = EndOfChain

func keyedOf(v [][]byte, key string, into *audit.Keyed) bool {
	if key == "" && v[colKeyID] != nil && v[colKeyedFrom] == nil && v[colMAC] == nil {
		return true
	}
	if key == "" || v[colKeyedFrom] == nil || len(v[colMAC]) != len(into.MAC) {
		return false
	}
	into.Key, into.From = key, number(v[colKeyedFrom])
	copy(into.MAC[:], v[colMAC])
	return true
}

// number reads a bigint as it is sent; what is none is 0.
func number(sent []byte) int64 {
	if len(sent) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(sent)) //nolint:gosec // two's complement is what is sent
}
