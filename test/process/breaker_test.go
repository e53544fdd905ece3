package process

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// askedBy are those who ask the POS.
var askedBy = map[string]func(*testing.T, *app.App) error{
	"the books": func(t *testing.T, a *app.App) error {
		_, err := a.Books.POS.History(t.Context(), books.HistoryQuery{CustomerID: "8812370934"})
		return err
	},
	"the customer": func(t *testing.T, a *app.App) error {
		_, err := a.Service.Ledger.Balance(t.Context(), "8812370934")
		return err
	},
}

// away is a service whose POS answers nothing but 503; asked counts.
func away(t *testing.T) (a *app.App, asked *atomic.Int64) {
	t.Helper()
	asked = &atomic.Int64{}
	pos := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(pos.Close)
	return world.NewActs(t, storetest.SQLite(t), "POS_URL="+pos.URL).App, asked
}

// refused asks app.BreakAfter times, each of which has to reach the POS.
func refused(t *testing.T, a *app.App, who string) {
	t.Helper()
	for range app.BreakAfter {
		if err := askedBy[who](t, a); domain.KindOf(err) != domain.KindUnknown {
			t.Fatalf("a POS that is away, asked by %s: %v", who, err)
		}
	}
}

// The breaker that the customers' calls open keeps everybody from the POS, the books included.
func TestBreakerStandsAroundEveryQuestionToThePOS(t *testing.T) {
	t.Parallel()
	a, asked := away(t)
	refused(t, a, "the customer")
	for name, again := range askedBy {
		err := again(t, a)
		if domain.ReasonOf(err) != "circuit_open" || domain.KindOf(err) != domain.KindUnavailable ||
			domain.RetryAfterOf(err) <= 0 {
			t.Errorf("%s, with the breaker open: %v", name, err)
		}
	}
	if n := asked.Load(); n != app.BreakAfter {
		t.Errorf("the POS was asked %d times, want %d", n, app.BreakAfter)
	}
}

// A POS that answers everything but its history stops no conversion: what the books hear opens no breaker.
func TestBooksStopNoConversion(t *testing.T) {
	t.Parallel()
	a, asked := away(t)
	refused(t, a, "the books")
	refused(t, a, "the books")
	if err := askedBy["the customer"](t, a); domain.ReasonOf(err) == "circuit_open" {
		t.Errorf("a customer is kept away because of the books: %v", err)
	}
	if n := asked.Load(); n != 2*app.BreakAfter+1 {
		t.Errorf("the POS was asked %d times", n)
	}
}
