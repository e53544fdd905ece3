package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/test/expect"
)

// covers: 004-24
func TestAudit(t *testing.T) {
	t.Parallel()
	t.Run("each step with actor, time and outcome", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		hash := audit.Hash{}.Next([]byte("x"))
		s.audit.list = []audit.Entry{
			{AuditEntry: domain.AuditEntry{ID: 9, At: issuedAt, Actor: "key:12", ActorName: "pos",
				Action: "key.created", Outcome: domain.OutcomeDone}},
			{AuditEntry: domain.AuditEntry{ID: 8, At: issuedAt, Actor: "system", ActorName: "Pointbridge",
				Action: "points.given_back", Code: code, CouponID: 7, CustomerID: yamada, From: domain.Cancelling,
				To: domain.Cancelled, Outcome: domain.OutcomeDone, Detail: map[string]any{"points": 500}}, Seq: 3,
				Hash: hash},
		}
		got := s.call(domain.RoleECAdmin, http.MethodGet, "/v1/audit", "").want(t, 200, "")
		list := items(t, got)
		want := []string{
			"map[action:key.created actor:key:12 actor_name:pos at:2026-03-01T02:59:00Z coupon_code:<nil> customer_id:<nil> detail:map[] " +
				"from_status:<nil> hash:<nil> id:9 outcome:done seq:<nil> to_status:<nil>]",
			"map[action:points.given_back actor:system actor_name:Pointbridge at:2026-03-01T02:59:00Z coupon_code:" +
				code + " customer_id:" + yamada +
				" detail:map[points:500] from_status:cancelling hash:" + hash.String() +
				" id:8 outcome:done seq:3 to_status:cancelled]",
		}
		for i, w := range want {
			if fmt.Sprint(list[i]) != w {
				t.Errorf("got  %v\nwant %s", list[i], w)
			}
		}
		if got.body["next_cursor"] != nil {
			t.Errorf("there is no next page, but a cursor: %s", got.raw)
		}
	})
	t.Run("what is asked for is asked of the audit", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.call(domain.RoleSystemAdmin, http.MethodGet, "/v1/audit?coupon="+strings.ToLower(code)+
			"&actor=key:12&action=points.taken&limit=7"+
			"&from=2026-03-01T00:00:00Z&to=2026-03-02T09:00:00%2B09:00&cursor="+writeCursor(44), "").want(t, 200, "")
		f := s.audit.filters[0]
		if f.Code != code || f.Actor != "key:12" || f.Action != "points.taken" || f.Limit != 8 || f.Before != 44 ||
			!f.From.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) || !f.To.Equal(time.Date(2026, 3, 2, 0, 0, 0, 0,
			time.UTC)) {
			t.Errorf("asked for %+v", f)
		}
	})
	t.Run("pages follow one another to the end", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for id := int64(5); id > 0; id-- {
			s.audit.list = append(s.audit.list, audit.Entry{AuditEntry: domain.AuditEntry{ID: id, At: issuedAt,
				Outcome: domain.OutcomeDone}})
		}
		var seen []any
		path := "/v1/audit?limit=2"
		for range 3 {
			got := s.call(domain.RoleECAdmin, http.MethodGet, path, "").want(t, 200, "")
			for _, item := range items(t, got) {
				seen = append(seen, item["id"])
			}
			next, _ := got.body["next_cursor"].(string)
			path = "/v1/audit?limit=2&cursor=" + next
		}
		if fmt.Sprint(seen) != "[5 4 3 2 1]" || !strings.HasSuffix(path, "cursor=") {
			t.Errorf("saw %v, then %s", seen, path)
		}
	})
	t.Run("what cannot be asked for is a problem that names the parameter", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for query, want := range map[string]string{
			"coupon=nonsense": "query.coupon invalid", "coupon=" + strings.Repeat("x", 65): "query.coupon max_length",
			"action=DROP": "query.action invalid", "from=yesterday": "query.from date_time",
			"limit=0": "query.limit minimum", "limit=201": "query.limit maximum", "cursor=zzz": "query.cursor invalid",
			"from=2026-03-02T00:00:00Z&to=2026-03-02T00:00:00Z": "query.to invalid", "shop=1": "query.shop unknown",
		} {
			location, rule, _ := strings.Cut(want, " ")
			got := s.call(domain.RoleECAdmin, http.MethodGet, "/v1/audit?"+query, "").want(t, 422,
				domain.CodeValidation)
			expect.Equal(t, "got.field(location)", got.field(location), rule, query, got.raw)
		}
		if len(s.audit.filters) != 0 {
			t.Error("the audit was asked all the same")
		}
	})
}
