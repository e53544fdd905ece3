package console

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/policies"
	"pointbridge/test/expect"
)

// longList has so many coupons; a page is read by the place of the one before it.
type longList struct {
	pages.Listing
	pages.Directory
	length int64
	read   int
}

func (l *longList) Page(_ context.Context, f listing.Filter, _ ...domain.Status) (listing.Page, error) {
	l.read++
	first := l.length
	if f.After.ID != 0 {
		first = f.After.ID - 1
	}
	var page listing.Page
	for id := first; id > 0 && len(page.Coupons) < f.Limit; id-- {
		page.Coupons = append(page.Coupons, domain.Coupon{ID: id, Code: "C-" + strconv.FormatInt(id, 10), CustomerID: "1",
			Amount: domain.Money{Minor: 100, Currency: "JPY"}, Status: domain.Active, CreatedAt: time.Unix(id, 0)})
	}
	page.More = first > int64(f.Limit)
	return page, nil
}

func (*longList) Names(context.Context, []string) (map[string]string, error) {
	return map[string]string{}, nil
}

// TestAFileOfCouponsIsWholeOrNone: a list of as many rows as a file may have becomes one with each of them; with one row
// more there is no file, and the page says so. Nothing is cut off.
func TestAFileOfCouponsIsWholeOrNone(t *testing.T) {
	t.Parallel()
	rules, err := policies.New()
	expect.MustEqual(t, "err", err, nil)
	for length, whole := range map[int64]bool{exportMost: true, exportMost + 1: false} {
		list := &longList{length: length}
		base, err := pages.New(pages.Shared{Policy: rules, Secret: []byte(strings.Repeat("s", 32)), Locale: "en", Zone: time.UTC,
			Listing: list, Directory: list, Now: func() time.Time { return time.Unix(0, 0) }}, pages.Hooks{})
		expect.MustEqual(t, "err", err, nil)
		con, err := New(Deps{Base: base})
		expect.MustEqual(t, "err", err, nil)
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequest(http.MethodGet, "/admin/coupons/export?format=csv", nil)
		q, wrong := parseCouponQuery(url.Values{"format": {"csv"}, "col": {"points"}}, false, time.Unix(0, 0))
		expect.MustEqual(t, "wrong", len(wrong), 0)
		table, _, err := couponHandlers{con}.couponTable(asking(con, c), q)
		if whole {
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "rows", table.Len(), exportMost)
			continue
		}
		expect.That(t, "there is no file", errors.Is(err, errTooMany) && table == nil, err)
		expect.Equal(t, "pages that were read", list.read, exportMost/exportPage+1)
		expect.Equal(t, "what is said", asking(con, c).T("export.too_many", asking(con, c).quantity(exportMost)),
			"This list has more than 50,000 rows, so no file was made: a part of it could be taken for the whole. Choose fewer days.")
	}
}

// TestAFileIsOnRecordWithoutTheTextThatWasLookedFor: that there was one is said, and everything else that was asked for.
func TestAFileIsOnRecordWithoutTheTextThatWasLookedFor(t *testing.T) {
	t.Parallel()
	about := aboutOf(url.Values{"q": {"taro.yamada@example.com"}, "format": {"csv"}})
	expect.Equal(t, "what is on record", about, "format=csv&q="+url.QueryEscape("…"))
	expect.Equal(t, "without a text", aboutOf(url.Values{"format": {"csv"}, "q": {""}}), "format=csv&q=")
}
