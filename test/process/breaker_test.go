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

// One breaker stands around the POS, whoever asks: what the books hear counts for customers, and the other way round.
func TestBreakerStandsAroundEveryQuestionToThePOS(t *testing.T) {
	t.Parallel()
	const member = "8812370934"
	askers := map[string]func(*testing.T, *app.App) error{
		"the books": func(t *testing.T, a *app.App) error {
			_, err := a.Books.Till.History(t.Context(), books.HistoryQuery{CustomerID: member})
			return err
		},
		"the customer": func(t *testing.T, a *app.App) error {
			_, err := a.Service.Ledger.Balance(t.Context(), member)
			return err
		},
	}
	for first, ask := range askers {
		t.Run(first+" first", func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int64
			away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				w.WriteHeader(http.StatusServiceUnavailable)
			}))
			t.Cleanup(away.Close)
			a := world.NewActsWorld(t, storetest.SQLite(t), "POS_URL="+away.URL).App
			for range app.BreakAfter {
				if err := ask(t, a); domain.KindOf(err) != domain.KindUnknown {
					t.Fatalf("a POS that is away: %v", err)
				}
			}
			for name, again := range askers {
				err := again(t, a)
				if domain.ReasonOf(err) != "circuit_open" || domain.KindOf(err) != domain.KindUnavailable || domain.RetryAfterOf(err) <= 0 {
					t.Errorf("%s, with the breaker open: %v", name, err)
				}
			}
			if n := asked.Load(); n != app.BreakAfter {
				t.Errorf("the POS was asked %d times, want %d", n, app.BreakAfter)
			}
		})
	}
}
