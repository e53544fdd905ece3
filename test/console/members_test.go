package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestAMemberIsFoundHelpedAndNotedFromOneBox: whatever a clerk hears leads to the member; their page says what there is
// to know, and lets each role do what it may.
func TestAMemberIsFoundHelpedAndNotedFromOneBox(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	manager, looker := world.ConsoleVisitor(t, file, "store_manager"), world.ConsoleVisitor(t, file, "staff")
	code := world.MadeCoupon(t, file, "12345", 300)
	find := func(text string) world.SeenPage {
		return looker.Get("/admin/search?" + url.Values{"q": {text}}.Encode())
	}
	const at = "/admin/customers/12345"
	// seen looks at a member again until the POS has answered: a page waits for it no longer than a clerk would.
	seen := func(at, says string) {
		t.Helper()
		world.Eventually(t, "the page says "+says, func() bool { return strings.Contains(looker.Get(at).Text(), says) })
	}

	t.Run("a whole code leads straight to its coupon", func(t *testing.T) {
		for _, text := range []string{code, " " + strings.ToLower(code) + " ", strings.ReplaceAll(code, "-", ""),
			strings.ReplaceAll(code, "-", "ー")} {
			p := find(text)
			expect.Equal(t, "where "+text+" leads", p.URL.Path, "/admin/coupons/"+code)
			expect.Equal(t, "the status for "+text, p.Status, http.StatusOK)
		}
		expect.Equal(t, "where a code that there is not leads", find(code+"0").URL.Path, "/admin/search")
	})
	t.Run("by name, reading, part of a number, mail, part of a code", func(t *testing.T) {
		for _, text := range []string{"hanako", "SUZUKI HANAKO", "hanako suzuki", "すずき", "ﾊﾅｺ", "１２３４５", "2345",
			"suzuki.hanako@", strings.ToLower(code[:len(code)-4]), strings.Split(code, "-")[1]} {
			p := find(text)
			expect.Equal(t, "the status for "+text, p.Status, http.StatusOK)
			expect.Equal(t, "where "+text+" leads", p.URL.Path, "/admin/search")
			expect.Equal(t, "the coupon for "+text, p.Link(code), "/admin/coupons/"+code)
		}
		p := find("すずき")
		expect.Equal(t, "the member", p.Link("Suzuki Hanako"), at)
		p.Has(t, "Newest coupon", "Unused")
		expect.That(t, "the mail address is not shown", !strings.Contains(p.Raw, "suzuki.hanako@"))
		used := world.MadeCoupon(t, file, "20001", 100)
		world.CheckOut(t, file, "7001000003", used)
		world.Eventually(t, "the order is found", func() bool {
			return strings.Contains(find("＃１００１").Text(), used) && find("1001").Link("Emily Carter") == "/admin/customers/20001"
		})
	})
	t.Run("nothing is found by too little, and by nonsense", func(t *testing.T) {
		find("山").Has(t, "at least two characters")
		for _, text := range []string{"zzzzzz", "%%", "__", "<script>alert(1)</script>", strings.Repeat("あ", 300)} {
			p := find(text)
			expect.Equal(t, "the status", p.Status, http.StatusOK, text)
			p.Has(t, "Nothing matches")
			expect.That(t, "no member is shown", p.Link("Suzuki Hanako") == "" && !strings.Contains(p.Raw, "<script>alert"), text)
		}
	})
	t.Run("a search is on record by how much it found, and not by what was typed", func(t *testing.T) {
		got := world.Caller{T: t, Base: file.API, Key: file.Keys["system_admin"]}.Do("GET",
			"/v1/audit?action=search.made&limit=5", "", "")
		expect.MustEqual(t, "got.Status", got.Status, http.StatusOK)
		expect.That(t, "there are entries", strings.Contains(string(got.Raw), `"members":`), string(got.Raw))
		for _, typed := range []string{"hanako", "すずき", "suzuki"} {
			expect.That(t, "none says "+typed, !strings.Contains(strings.ToLower(string(got.Raw)), typed))
		}
	})
	t.Run("the list, and the ones who are not linked", func(t *testing.T) {
		p := looker.Get("/admin/customers")
		expect.Equal(t, "a member", p.Link("12345"), at)
		caller := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
		got := caller.Do("PUT", "/v1/customers/777001", "", `{"name": "高木 恵", "name_kana": "ﾀｶｷﾞ ﾒｸﾞﾐ"}`)
		expect.MustEqual(t, "got.Status", got.Status, http.StatusCreated, got.Raw)
		p = looker.Get("/admin/customers?show=unlinked")
		expect.Equal(t, "the new one", p.Link("777001"), "/admin/customers/777001")
		expect.Equal(t, "a linked one", p.Link("12345"), "")
		expect.Equal(t, "found by the reading", find("たかぎ").Link("高木 恵"), "/admin/customers/777001")
		looker.Get("/admin/customers/777001").Has(t, "ﾀｶｷﾞ ﾒｸﾞﾐ")
		seen("/admin/customers/777001", "The POS does not know this member")
	})
	t.Run("the balance of this moment, and both sides of a pair", func(t *testing.T) {
		seen(at, "3,100 points")
		looker.Get(at).Has(t, "スズキ ハナコ")
		manager.Submit(manager.Submit(manager.Get("/admin/coupons/"+code+"/cancel"), "/admin/coupons/"+code+"/cancel/confirm",
			url.Values{"reason": {"customer_request"}}), "/admin/coupons/"+code+"/cancel", nil)
		seen(at, "3,400 points")
		p := looker.Get(at)
		for _, reference := range []string{"COUPON-" + code, "CANCEL-" + code} {
			to := p.Link(reference)
			expect.That(t, reference+" leads to the other", strings.HasPrefix(to, "#m-") && p.ByID(to[1:]) != nil, to)
		}
	})
	t.Run("a note stays, once for each form, and a long one is given back", func(t *testing.T) {
		page := looker.Get(at)
		for range 2 {
			p := looker.Submit(page, at+"/notes", url.Values{"note": {"Called about <b>the coupon</b>."}})
			expect.Equal(t, "p.URL.Path", p.URL.Path, at, p.Status, p.Text)
		}
		p := manager.Get(at)
		expect.Equal(t, "how often it is there", strings.Count(p.Raw, "Called about &lt;b&gt;the coupon"), 1)
		long := strings.Repeat("長", 1001)
		p = looker.Submit(page, at+"/notes", url.Values{"note": {long}})
		expect.Equal(t, "p.Status", p.Status, http.StatusUnprocessableEntity)
		expect.That(t, "the text is given back", strings.Contains(p.Raw, long))
		expect.Equal(t, "an empty one", looker.Submit(page, at+"/notes", url.Values{"note": {" "}}).Status,
			http.StatusUnprocessableEntity)
	})
	t.Run("who may converts for them, once for each form", func(t *testing.T) {
		expect.Equal(t, "general staff see no button", looker.Get(at).Link("Convert points for them"), "")
		expect.Equal(t, "a manager does", manager.Get(at).Link("Convert points for them"), at+"/convert")
		form := manager.Get(at + "/convert")
		for _, wrong := range []string{"", "abc", "-100", "150", "9900"} {
			p := manager.Submit(form, at+"/convert/confirm", url.Values{"points": {wrong}})
			expect.That(t, "it is refused", p.Status >= 400 && p.Form(at+"/convert") == nil, wrong, p.Status)
		}
		confirm := manager.Submit(form, at+"/convert/confirm", url.Values{"points": {"１，２００"}})
		confirm.Has(t, "1,200 points", "¥1,200", "3,400 → 2,200")
		made := regexp.MustCompile(`^/admin/coupons/(12345-[0-9A-Z]{6}-1200)$`)
		first := manager.Submit(confirm, at+"/convert", nil)
		expect.MustThat(t, "it leads to the coupon", made.MatchString(first.URL.Path), first.URL.Path, first.Text())
		second := manager.Submit(confirm, at+"/convert", nil)
		expect.Equal(t, "again it is the same one", second.URL.Path, first.URL.Path)
		seen(at, "2,200 points")
		fields := world.FieldsOf(confirm.Form(at + "/convert"))
		fields.Set("change", "1")
		p := manager.Post(at+"/convert/confirm", fields)
		expect.That(t, "whoever wants to change it gets the form again", p.Form(at+"/convert/confirm") != nil, p.Status)
	})
	t.Run("while the POS cannot be reached the page says so, and shows the rest", func(t *testing.T) {
		pos := world.Caller{T: t, Base: file.POS.URL, Key: file.POS.Token}
		broken := pos.Do("POST", "/_sim/faults", "", `{"act":"pos.balance","mode":"status","status":503,"count":-1}`)
		expect.MustEqual(t, "the POS is away", broken.Status, http.StatusNoContent, broken.Raw)
		p := looker.Get(at)
		expect.Equal(t, "p.Status", p.Status, http.StatusOK)
		p.Has(t, "POS not reachable", "Everything else on this page is known here.", "Suzuki Hanako", code)
		expect.That(t, "no balance is shown", !strings.Contains(p.Text(), "2,200 points"), p.Text())
		expect.That(t, "a note can be left", p.Form(at+"/notes") != nil)
	})
}
