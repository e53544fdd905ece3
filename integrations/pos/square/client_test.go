package square_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/pos/square"
	"pointbridge/integrations/sim"
	simsquare "pointbridge/integrations/sim/square"
	"pointbridge/test/expect"
	"pointbridge/test/openapi"
)

var now = time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC)

const (
	taro    = "Q8002FAM9V1EZ0ADB2T5609X6N" // a customer of Square's
	hanako  = "819012345678"               // a phone number
	jiro    = "5adcb100-07f1-4ee7-b8c6-6bb9ebc474bd"
	takeRef = "COUPON-60X6N-AB72CD-500"
	// patience is what a client has where an answer comes: its limit ends a test that would never end.
	patience = 5 * time.Minute
	// longEnough is a limit where none comes, with time for the question to be on its way.
	longEnough = 3 * time.Second

	document    = "wire/schema/loyalty.json"
	accessToken = "EAAA-secret"
)

// clock is a clock that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// bed is a client and the simulated Square that it talks to; every request is held against Square's document, and every
// answer as long as nothing is made to go wrong.
type bed struct {
	*square.Client
	sim    *simsquare.Server
	faults *sim.Faults
	clock  *clock
	asked  *[]asked
	heard  *sync.Mutex
}

type asked struct {
	path, version, token string
	body                 map[string]any
}

func open(t *testing.T, timeout time.Duration, wrong ...sim.Rule) bed {
	t.Helper()
	b := bed{faults: &sim.Faults{}, clock: &clock{at: now}, asked: &[]asked{}, heard: &sync.Mutex{}}
	var err error
	b.sim, err = simsquare.New(simsquare.Config{Token: accessToken, Clock: b.clock.Now, Faults: b.faults})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{taro, hanako, jiro} {
		b.sim.AddCustomer(id, "", 1250)
	}
	doc := openapi.Load(t, document, "Error")
	held := doc.Exchanges(t, b.sim)
	if len(wrong) > 0 {
		held = doc.Requests(t, b.sim)
	}
	for _, rule := range wrong {
		b.faults.Add(rule)
	}
	b.Client = client(t, b.listening(held), timeout, b.clock.Now)
	return b
}

// listening keeps what was asked.
func (b bed) listening(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(raw)))
		a := asked{path: r.Method + " " + r.URL.Path, version: r.Header.Get("Square-Version"),
			token: r.Header.Get("Authorization")}
		_ = json.Unmarshal(raw, &a.body)
		b.heard.Lock()
		*b.asked = append(*b.asked, a)
		b.heard.Unlock()
		next.ServeHTTP(w, r)
	})
}

func client(t *testing.T, h http.Handler, timeout time.Duration, at func() time.Time) *square.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := square.New(square.Config{URL: s.URL, Token: accessToken, Timeout: timeout, Clock: at}, s.Client())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func take(member string) domain.Movement {
	return domain.Movement{Kind: domain.Take, CustomerID: member, Points: 500, Reference: takeRef, Key: "key-1",
		Reason: domain.ReasonTake, CreatedAt: now}
}

func back(member string) domain.Movement {
	return domain.Movement{Kind: domain.GiveBack, CustomerID: member, Points: 500, Reference: "CANCEL-60X6N-AB72CD-500",
		RelatedReference: takeRef, Key: "key-2", Reason: domain.ReasonGiveBack, CreatedAt: now}
}

// wants holds an error to its kind and reason, and its text to what may stand in a log.
func wants(t *testing.T, err error, kind domain.Kind, reason string) {
	t.Helper()
	if err == nil {
		t.Fatalf("it went through, wanted %s %s", kind, reason)
	}
	expect.Equal(t, "the kind", domain.KindOf(err), kind, err.Error())
	expect.Equal(t, "the reason", domain.ReasonOf(err), reason, err.Error())
	for _, secret := range []string{accessToken, "key-1", taro, hanako, jiro, "AB72CD", "/v2/"} {
		expect.That(t, "the error tells no secret", !strings.Contains(err.Error(), secret), err.Error())
	}
}

func TestAMemberIsFoundByEachOfTheirIds(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]string{"customer": taro, "phone": hanako, "phone with a plus": "+" + hanako,
		"account": jiro} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, patience)
			got, err := b.Balance(t.Context(), id)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "the balance", got.Points, 1250)
			expect.Equal(t, "the moment", got.AsOf, now)
			moved, err := b.Deduct(t.Context(), take(id))
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "the points", moved.Points, -500)
			found, err := b.Find(t.Context(), take(id))
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "the event's id", found.ID, moved.ID)
			given, err := b.Add(t.Context(), back(id))
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "the points given back", given.Points, 500)
			got, err = b.Balance(t.Context(), id)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "the balance in the end", got.Points, 1250)
		})
	}
}

func TestWhatIsSentIsPinnedAndBearsTheReferenceLast(t *testing.T) {
	t.Parallel()
	b := open(t, patience)
	long := back(jiro)
	long.Reason = strings.Repeat("あ", 5000)
	for _, m := range []domain.Movement{back(jiro), long} {
		m.Key = fmt.Sprint("key-", len(m.Reason))
		m.Reference = fmt.Sprintf("CANCEL-60X6N-AB72CD-%d", len(m.Reason))
		_, err := b.Add(t.Context(), m)
		expect.MustEqual(t, "err", err, nil)
	}
	_, err := b.Deduct(t.Context(), take(jiro))
	expect.MustEqual(t, "err", err, nil)
	for _, a := range *b.asked {
		expect.Equal(t, "the version", a.version, square.Version)
		expect.Equal(t, "the token", a.token, "Bearer "+accessToken)
		expect.Equal(t, "negative balances", fmt.Sprint(a.body["allow_negative_balance"]), "false")
	}
	events := b.sim.AllEntries()
	expect.Equal(t, "a credit", events[0].Reason,
		"Refund due to coupon cancellation ("+takeRef+") [CANCEL-60X6N-AB72CD-33]")
	expect.Equal(t, "the length", len([]rune(events[1].Reason)), 3500)
	expect.That(t, "the reference is whole", strings.HasSuffix(events[1].Reason, "[CANCEL-60X6N-AB72CD-15000]"))
	expect.Equal(t, "a deduction", events[2].Reason, "Coupon conversion ["+takeRef+"]")
	expect.Equal(t, "the key", events[2].Key, "key-1")
}

func TestNothingIsAskedForSomebodyWhoseIdHasNoForm(t *testing.T) {
	t.Parallel()
	b := open(t, patience)
	for _, id := range []string{"", "+", " ", "12345", "0123456789", "+0123456789", "tooshort", "a/b", "..",
		"Q8002FAM9V1EZ0ADB2T5609X6N ", "5ADCB100/../adjust", strings.Repeat("A", 65), "1234567890123456789\n"} {
		_, err := b.Balance(t.Context(), id)
		wants(t, err, domain.KindRefused, domain.ReasonCustomerNotFound)
		_, err = b.Deduct(t.Context(), take(id))
		wants(t, err, domain.KindRefused, domain.ReasonCustomerNotFound)
		_, err = b.Find(t.Context(), take(id))
		wants(t, err, domain.KindRefused, domain.ReasonCustomerNotFound)
		_, err = b.History(t.Context(), books.HistoryQuery{CustomerID: id})
		wants(t, err, domain.KindRefused, domain.ReasonCustomerNotFound)
	}
	expect.Equal(t, "requests", len(*b.asked), 0)
}

func TestAMemberWhoHasNoAccountIsNotFound(t *testing.T) {
	t.Parallel()
	b := open(t, patience)
	for _, id := range []string{"NOBODY0FAM9V1EZ0ADB2T5609", "+14155550000", "00000000-07f1-4ee7-b8c6-6bb9ebc474bd"} {
		_, err := b.Balance(t.Context(), id)
		wants(t, err, domain.KindRefused, domain.ReasonCustomerNotFound)
		_, err = b.Deduct(t.Context(), take(id))
		wants(t, err, domain.KindRefused, domain.ReasonCustomerNotFound)
		_, err = b.Add(t.Context(), back(id))
		wants(t, err, domain.KindRefused, domain.ReasonCustomerNotFound)
	}
	// Which account a lost phone number or customer had, nobody can tell: that is no proof that nothing was booked.
	for _, id := range []string{"NOBODY0FAM9V1EZ0ADB2T5609", "+14155550000"} {
		_, err := b.Find(t.Context(), take(id))
		wants(t, err, domain.KindUnknown, domain.ReasonAmbiguous)
	}
}

func TestAMovementThatSquareCannotKeepIsRefusedUnsent(t *testing.T) {
	t.Parallel()
	b := open(t, patience)
	for reason, change := range map[string]func(*domain.Movement){
		"invalid_points":    func(m *domain.Movement) { m.Points = 0 },
		"invalid_points ":   func(m *domain.Movement) { m.Points = -500 },
		"invalid_points  ":  func(m *domain.Movement) { m.Points = 1 << 31 },
		"invalid_key":       func(m *domain.Movement) { m.Key = "" },
		"invalid_key ":      func(m *domain.Movement) { m.Key = strings.Repeat("k", 129) },
		"invalid_reference": func(m *domain.Movement) { m.Reference = "" },
		"invalid_reference ": func(m *domain.Movement) {
			m.Reference = "COUPON-1] [COUPON-2"
		},
	} {
		m := take(jiro)
		change(&m)
		_, err := b.Deduct(t.Context(), m)
		wants(t, err, domain.KindRefused, strings.TrimSpace(reason))
	}
	expect.Equal(t, "requests", len(*b.asked), 0)
}

func TestTooFewPointsAreToldFromOtherBadRequestsByTheBalance(t *testing.T) {
	t.Parallel()
	b := open(t, patience)
	b.sim.SellAtPOS(taro, -930)
	_, err := b.Deduct(t.Context(), take(taro))
	wants(t, err, domain.KindRefused, domain.ReasonInsufficientPoints)
	expect.MustThat(t, "the balance is told", domain.BalanceOf(err) != nil)
	expect.Equal(t, "the balance", *domain.BalanceOf(err), 320)
	b.faults.Add(sim.Rule{Act: "pos.deduct", Mode: sim.Refuse})
	_, err = b.Deduct(t.Context(), take(jiro))
	wants(t, err, domain.KindRefused, "bad_request")
	b.faults.Add(sim.Rule{Act: "pos.add", Mode: sim.Refuse})
	_, err = b.Add(t.Context(), back(taro))
	wants(t, err, domain.KindRefused, "bad_request")
	b.faults.Add(sim.Rule{Act: "pos.balance", Mode: sim.Internal})
	_, err = b.Deduct(t.Context(), take(taro))
	wants(t, err, domain.KindRefused, "bad_request")
	expect.Equal(t, "events", len(b.sim.AllEntries()), 1)
}

func TestABalanceBelowZeroIsReadAsItIs(t *testing.T) {
	t.Parallel()
	b := open(t, patience)
	b.sim.AdjustByHand(taro, -1300, "return at the till")
	got, err := b.Balance(t.Context(), taro)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "the balance", got.Points, -50)
	_, err = b.Deduct(t.Context(), take(taro))
	wants(t, err, domain.KindRefused, domain.ReasonInsufficientPoints)
	_, err = b.Add(t.Context(), back(taro))
	expect.Equal(t, "a credit below zero", err, nil)
	expect.Equal(t, "in the end", balanceAt(t, b, taro), 450)
}

func balanceAt(t *testing.T, b bed, id string) int64 {
	t.Helper()
	points, known := b.sim.Balance(id)
	expect.MustThat(t, "the member is known", known)
	return points
}

func TestTheSameKeyAppliesOnce(t *testing.T) {
	t.Parallel()
	b := open(t, patience)
	first, err := b.Deduct(t.Context(), take(taro))
	expect.MustEqual(t, "err", err, nil)
	again, err := b.Deduct(t.Context(), take(taro))
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "the event", again.ID, first.ID)
	other := take(taro)
	other.Points = 400
	_, err = b.Deduct(t.Context(), other)
	wants(t, err, domain.KindRefused, domain.ReasonKeyReused)
	expect.Equal(t, "in the end", balanceAt(t, b, taro), 750)
}

func TestALostAnswerIsUnknownAndAppliedOnce(t *testing.T) {
	t.Parallel()
	for _, mode := range []sim.Mode{sim.LoseAnswer, sim.StatusAfter, sim.InternalAfter, sim.BrokenAnswer, sim.HangAfter,
		sim.DropBefore, sim.Status, sim.Internal} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			timeout := patience
			if mode == sim.HangAfter {
				timeout = longEnough
			}
			b := open(t, timeout, sim.Rule{Act: "pos.deduct", Mode: mode}, sim.Rule{Act: "pos.add", Mode: mode})
			moves := map[string]func() error{
				"deduct": func() error { _, err := b.Deduct(t.Context(), take(taro)); return err }}
			if mode != sim.HangAfter { // it takes as long as the client is patient
				moves["add"] = func() error { _, err := b.Add(t.Context(), back(taro)); return err }
			}
			for act, move := range moves {
				err := move()
				expect.MustThat(t, "the first is not answered", err != nil, act)
				expect.Equal(t, "the kind", domain.KindOf(err), domain.KindUnknown, act, err.Error())
				expect.MustEqual(t, "the second", move(), nil, act)
			}
			expect.Equal(t, "events", len(b.sim.AllEntries()), len(moves))
		})
	}
}

func TestAKeyThatSquareMayHaveForgottenIsNotTrusted(t *testing.T) {
	t.Parallel()
	b := open(t, patience, sim.Rule{Act: "pos.deduct", Mode: sim.LoseAnswer})
	_, err := b.Deduct(t.Context(), take(taro))
	wants(t, err, domain.KindUnknown, "")
	b.sim.ForgetKeys()
	b.clock.advance(72 * time.Hour)
	got, err := b.Deduct(t.Context(), take(taro))
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "it is told as a repetition", got.Replayed, true)
	expect.Equal(t, "the event", got.ID, b.sim.AllEntries()[0].ID)
	expect.Equal(t, "events", len(b.sim.AllEntries()), 1)

	b.faults.Add(sim.Rule{Act: "pos.history", Mode: sim.Status})
	_, err = b.Deduct(t.Context(), take(taro))
	wants(t, err, domain.KindUnknown, "")
	b.sim.AdjustByHand(taro, 500, "put right ["+takeRef+"]")
	_, err = b.Deduct(t.Context(), take(taro))
	wants(t, err, domain.KindRefused, domain.ReasonReferenceReused)
	never := back(taro)
	got, err = b.Add(t.Context(), never)
	expect.MustEqual(t, "what was never sent is sent", err, nil)
	expect.Equal(t, "as new", got.Replayed, false)
}

func TestAQuestionThatFailsIsNoMovement(t *testing.T) {
	t.Parallel()
	for mode, want := range map[sim.Mode]domain.Kind{sim.LoseAnswer: domain.KindUnavailable,
		sim.Status: domain.KindUnavailable, sim.BrokenAnswer: domain.KindUnavailable,
		sim.Throttle: domain.KindThrottled} {
		b := open(t, patience, sim.Rule{Act: "pos.search", Mode: mode, RetryAfter: "7"})
		_, err := b.Deduct(t.Context(), take(taro))
		expect.That(t, "it failed", err != nil, mode)
		expect.Equal(t, "the kind", domain.KindOf(err), want, mode)
		expect.Equal(t, "adjustments", b.sim.Requests()["pos.deduct"], 0, mode)
	}
}

func TestThrottlingIsReadInBothForms(t *testing.T) {
	t.Parallel()
	later := now.Add(30 * time.Second)
	for name, header := range map[string]string{"seconds": "30", "a date": later.Format(http.TimeFormat)} {
		b := open(t, patience, sim.Rule{Act: "pos.deduct", Mode: sim.Throttle, RetryAfter: header})
		_, err := b.Deduct(t.Context(), take(jiro))
		wants(t, err, domain.KindThrottled, "rate_limited")
		expect.Equal(t, "the wait", domain.RetryAfterOf(err), 30*time.Second, name)
	}
}

func TestATillThatIsNotThereWasNotAsked(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	c, err := square.New(square.Config{URL: gone.URL, Token: accessToken}, &http.Client{})
	expect.MustEqual(t, "err", err, nil)
	_, err = c.Deduct(t.Context(), take(jiro))
	wants(t, err, domain.KindUnavailable, "")
}

func TestAnAccountIsRememberedForAWhileAndNoLonger(t *testing.T) {
	t.Parallel()
	b := open(t, patience)
	for range 3 {
		_, err := b.Find(t.Context(), take(taro))
		wants(t, err, domain.KindNotFound, "")
	}
	expect.Equal(t, "searches", b.sim.Requests()["pos.search"], 1)
	b.clock.advance(10 * time.Minute)
	_, err := b.Find(t.Context(), take(taro))
	wants(t, err, domain.KindNotFound, "")
	expect.Equal(t, "searches later", b.sim.Requests()["pos.search"], 2)
	b.clock.advance(-time.Hour)
	_, err = b.Find(t.Context(), take(taro))
	wants(t, err, domain.KindNotFound, "")
	expect.Equal(t, "searches when the clock went back", b.sim.Requests()["pos.search"], 3)
}

func TestAddressesAndPromises(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"ftp://x", "://", "connect.squareup.com"} {
		_, err := square.New(square.Config{URL: address}, &http.Client{})
		expect.That(t, "it is no address", err != nil, address)
	}
	var hosts []string
	for _, cfg := range []square.Config{{}, {Sandbox: true}} {
		listening := heard(func(r *http.Request) { hosts = append(hosts, r.URL.Host) })
		c, err := square.New(cfg, &http.Client{Transport: listening})
		expect.MustEqual(t, "err", err, nil)
		_, err = c.Balance(t.Context(), jiro)
		expect.That(t, "nobody answers", err != nil)
		expect.Equal(t, "the promises", c.Capabilities(), coupons.Capabilities{Replay: true,
			Lookup: coupons.LookupScan, GuardsBelowZero: true, ReasonLimit: 3500})
	}
	expect.Equal(t, "the hosts", fmt.Sprint(hosts), "[connect.squareup.com connect.squareupsandbox.com]")
}

// heard is a network without anybody.
type heard func(*http.Request)

func (h heard) RoundTrip(r *http.Request) (*http.Response, error) {
	h(r)
	return nil, io.ErrUnexpectedEOF
}
