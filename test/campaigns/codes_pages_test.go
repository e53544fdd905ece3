package campaigns

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"

	"pointbridge/demo"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// uploaded sends a form with a file in it, as a browser does.
func uploaded(v *world.Visitor, file demo.File, p world.SeenPage, action, field string, content []byte,
	more url.Values) world.SeenPage {
	v.T.Helper()
	form := p.Form(action)
	expect.MustThat(v.T, "there is a form for "+action, form != nil, p.Text())
	var body bytes.Buffer
	out := multipart.NewWriter(&body)
	fields := world.FieldsOf(form)
	if fields.Has(field+"_file") && content == nil { // as a browser sends a field of which no file was chosen
		part, err := out.CreateFormFile(field+"_file", "")
		expect.MustThat(v.T, "a part", err == nil && part != nil, err)
		fields.Del(field + "_file")
	}
	fields.Del(field + "_file")
	for name, list := range more {
		fields[name] = list
	}
	for name, list := range fields {
		if err := out.WriteField(name, list[len(list)-1]); err != nil {
			v.T.Fatal(err)
		}
	}
	if content != nil {
		part, err := out.CreateFormFile(field+"_file", "list.csv")
		expect.MustEqual(v.T, "err", err, nil)
		_, err = part.Write(content)
		expect.MustEqual(v.T, "err", err, nil)
	}
	expect.MustEqual(v.T, "out.Close()", out.Close(), nil)
	return v.Send(http.MethodPost, action, io.Reader(&body), http.Header{"Content-Type": {out.FormDataContentType()},
		"Origin": {file.API}, "Sec-Fetch-Site": {"same-origin"}})
}

// TestABatchIsMadeOnItsPages: what it will do is said before, a second click makes no second one, its page tells how far
// it is, its codes are taken along, and the search leads to one of them.
// covers: 002-13, 002-31
func TestABatchIsMadeOnItsPages(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "ec_admin")
	const form, do = "/admin/campaigns/cards/batches/new", "/admin/campaigns/cards/batches"
	v.Get("/admin/campaigns/cards").Has(t, "Codes", "Make a batch of codes", "12")
	p := v.Get(form)
	p.Has(t, "At most 250,000 codes at once.", "CARD-", "¥300 off the order")
	world.WellKept(t, form, p)
	for _, count := range []string{"", "0", "250001", "many"} {
		bad := v.Submit(p, form, with("count", count))
		expect.Equal(t, "bad.Status of "+count, bad.Status, http.StatusUnprocessableEntity)
		expect.Equal(t, "what was typed", valueOf(t, bad, form, "count"), count)
	}
	asked := v.Submit(p, form, with("count", "３"))
	asked.Has(t, "Make these codes?", "3 codes are made, each of which takes ¥300 off the order.")
	world.WellKept(t, "confirm", asked)
	v.Submit(asked, do, with("change", "1"))
	expect.Equal(t, "the form again", valueOf(t, v.Post(form, world.FieldsOf(asked.Form(do))), do, "count"), "３")
	made := v.Submit(asked, do, nil)
	again := v.Submit(asked, do, nil)
	expect.Equal(t, "the second click leads to", again.URL.Path, made.URL.Path)
	world.Eventually(t, "the codes are made", func() bool { return textIn(v.Get(made.URL.Path), "dd", "made") == "3" })
	p = v.Get(made.URL.Path)
	p.Has(t, "Done", "Download the codes (CSV)", "Nothing was refused.")
	world.WellKept(t, "batch", p)
	table := v.Get(made.URL.Path + "/codes.csv")
	lines := strings.Split(strings.TrimSpace(table.Raw), "\r\n")
	expect.MustEqual(t, "len(lines)", len(lines), 4, table.Raw)
	expect.Equal(t, "the names", lines[0], "\ufeffCode,Status,Uses")
	code, _, _ := strings.Cut(lines[1], ",")
	found := v.Get("/admin/coupons?q=" + strings.ToLower(code))
	found.Has(t, code, "is a code of Cards at the counter.", "0 uses.")
	v.Get("/admin/coupons?q=card-nothing").Has(t, "Codes that begin with CARD- belong to Cards at the counter.")
	v.Get(made.URL.Path+"?code="+code).Has(t, code, "Good")
	expect.Equal(t, "a batch of another campaign", v.Get(strings.Replace(made.URL.Path, "cards", "thanks", 1)).Status,
		http.StatusNotFound)
	expect.Equal(t, "a list for a batch", v.Submit(asked, do, with("csv", "email\na@example.com")).URL.Path, made.URL.Path)
}

// TestAListOfRecipientsIsUploaded, in the encoding of Japanese spreadsheets too, or pasted. Wrong rows are named and
// nothing is made; of the others each gets a code, and what was refused is told with its reason.
// covers: 002-13, 002-31
func TestAListOfRecipientsIsUploaded(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "ec_admin")
	const form, do = "/admin/campaigns/thanks/batches/new", "/admin/campaigns/thanks/batches"
	p := v.Get(form)
	p.Has(t, "At most 10,000 rows at once.", "THANKS-")
	bad := uploaded(v, file, p, form, "csv", []byte("email\nnobody\nthis is none\n"), nil)
	expect.Equal(t, "bad.Status", bad.Status, http.StatusUnprocessableEntity)
	bad.Has(t, "These rows have to be mended", "Row 1 below the heading, e-mail address: This does not have the right form.",
		"Row 2 below the heading, e-mail address")
	uploaded(v, file, p, form, "csv", []byte{'P', 'K', 3, 4, 0xff, 0x00, 0x81}, nil).Has(t, "That cannot be made",
		"This must be CSV in UTF-8 or Shift_JIS.")
	large := uploaded(v, file, p, form, "csv", bytes.Repeat([]byte("a@example.com\n"), 90_000), nil)
	expect.Equal(t, "large.Status", large.Status, http.StatusRequestEntityTooLarge)
	empty := uploaded(v, file, p, form, "csv", nil, nil)
	empty.Has(t, "This is required.")
	uploaded(v, file, p, form, "csv", nil, with("csv", "customer_id\n20001\n")).Has(t, "1 recipient gets a code")
	both := uploaded(v, file, p, form, "csv", []byte("customer_id\n20002\n"), with("csv", "customer_id\n20001\n"))
	expect.Equal(t, "both.Status", both.Status, http.StatusUnprocessableEntity)
	list, err := japanese.ShiftJIS.NewEncoder().Bytes([]byte("会員番号\r\n20001\r\n20002\r\n20001\r\nNOBODY9\r\n"))
	expect.MustEqual(t, "err", err, nil)
	asked := uploaded(v, file, p, form, "csv", list, nil)
	asked.Has(t, "3 recipients get a code each.", "1 row names somebody a second time and gets nothing.")
	made := uploaded(v, file, asked, do, "csv", nil, nil)
	expect.Equal(t, "the second click leads to", uploaded(v, file, asked, do, "csv", nil, nil).URL.Path, made.URL.Path)
	world.Eventually(t, "every row has an outcome", func() bool {
		p := v.Get(made.URL.Path)
		return textIn(p, "dd", "made") == "2" && textIn(p, "dd", "refused") == "2"
	})
	v.Get(made.URL.Path).Has(t, "The recipient stands in an earlier row.", "Row")
	table := strings.Split(v.Get(made.URL.Path+"/codes.csv").Raw, "\r\n")
	expect.Equal(t, "the names", table[0], "\ufeffRow below the heading,Code,Takes off")
	expect.That(t, "a code with its row and what it takes off", strings.HasPrefix(table[1], "1,THANKS-") &&
		(strings.HasSuffix(table[1], ",10%") || strings.HasSuffix(table[1], ",¥500")), table[1])
	v.Get("/admin/campaigns/thanks").Has(t, "The newest codes", "THANKS-", "Emily Carter", "Noah Fischer")
	v.Get("/admin/coupons?campaign=thanks").Has(t, "Codes of A thank-you", "Emily Carter")
	if page := v.Get("/admin/coupons?campaign=thanks").Text(); strings.Contains(page, "佐藤") {
		t.Error("coupons of points are among the campaign's")
	}
	v.Get("/admin/customers/20001").Has(t, "THANKS-", "thanks")
}

// TestABatchIsStoppedOnItsPage: it asks once, and says what stays; what has ended is not moved on.
func TestABatchIsStoppedOnItsPage(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "ec_admin")
	const form, do = "/admin/campaigns/cards/batches/new", "/admin/campaigns/cards/batches"
	made := v.Submit(v.Submit(v.Get(form), form, with("count", "250000")), do, nil)
	status := made.URL.Path + "/status"
	page := v.Submit(made, status, with("to", "paused"))
	page.Has(t, "Paused", "Somebody stopped or paused it.", "Go on")
	ask := v.Get(made.URL.Path + "/stop")
	ask.Has(t, "Stop making these codes?", "This cannot be undone.")
	world.WellKept(t, "stop", ask)
	v.Submit(ask, status, with("reason", "too many")).Has(t, "Stopped")
	late := v.Post(status, world.FieldsOf(page.Form(status)))
	expect.Equal(t, "late.Status", late.Status, http.StatusConflict)
	late.Has(t, "Stopped")
	expect.Equal(t, "asked again", v.Get(made.URL.Path+"/stop").URL.Path, made.URL.Path)
}

// TestSharedCodesOnTheirPages: made once however often it is clicked, listed with their owners and uses, found by the
// search, and ended after one question.
// covers: 002-31, 002-38
func TestSharedCodesOnTheirPages(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "ec_admin")
	const form, do = "/admin/campaigns/partners/shared-codes/new", "/admin/campaigns/partners/shared-codes"
	v.Get("/admin/campaigns/partners").Has(t, "WITH-MIKA", "Mika (@mika)", "WITH-KEN")
	p := v.Get(form)
	expect.Equal(t, "code", valueOf(t, p, do, "code"), "WITH-")
	bad := v.Submit(p, do, with("code", "OTHER-1", "owner", ""))
	bad.Has(t, "A code begins with its campaign's prefix and goes on after it.", "This is required.")
	for range 2 {
		v.Submit(bad, do, with("code", "with-sara", "owner", "サラ")).Has(t, "Codes of Partners", "WITH-SARA", "サラ")
	}
	taken := v.Submit(v.Get(form), do, with("code", "WITH-SARA", "owner", "Other"))
	expect.Equal(t, "taken.Status", taken.Status, http.StatusConflict)
	v.Get("/admin/coupons?q=with-sara").Has(t, "is a code of Partners.", "Its owner is サラ.")
	end := v.Get(do + "/WITH-SARA/end")
	end.Has(t, "End the code WITH-SARA?", "This cannot be undone.")
	world.WellKept(t, "end", end)
	v.Submit(end, do+"/WITH-SARA/end", nil).Has(t, "Ended")
	expect.Equal(t, "asked again", v.Get(do+"/WITH-SARA/end").URL.Path, "/admin/campaigns/partners/codes")
	expect.Equal(t, "one that there is not", v.Get(do+"/WITH-NOBODY/end").Status, http.StatusNotFound)
	ja := v.Send(http.MethodGet, "/admin/campaigns/partners/codes?code=WITH-KEN", nil,
		http.Header{"Accept-Language": {"ja"}})
	ja.Has(t, "紹介者", "WITH-KEN")
	expect.Equal(t, "others are shown", strings.Contains(ja.Text(), "WITH-MIKA"), false)
}

// TestACodeIsGivenToACustomerOnItsPage: what it costs is told, whoever cannot be found is told at the field, a second
// click gives no second code, and the code's page follows.
// covers: 002-13, 002-15
func TestACodeIsGivenToACustomerOnItsPage(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "ec_admin")
	const form, do = "/admin/campaigns/thanks/codes/new", "/admin/campaigns/thanks/codes"
	p := v.Get(form)
	p.Has(t, "It costs no points.", "A code takes 10% off the order.")
	world.WellKept(t, form, p)
	for to, kind := range map[string]string{"nobody@example.com": "email", "not an address": "email", "": "email",
		"4711": "shopify_customer_id", "no number": "shopify_customer_id", "NOBODY9": "customer_id"} {
		bad := v.Submit(p, do, with("to", to, "to_kind", kind))
		expect.That(t, "it is refused", bad.Status >= 400 && bad.Status < 500, to, bad.Status)
		expect.Equal(t, "to", valueOf(t, bad, do, "to"), to)
	}
	made := v.Submit(p, do, with("to", "emily.carter@example.com", "to_kind", "email"))
	made.Has(t, "THANKS-", "Emily Carter", "10%")
	expect.Equal(t, "the second click leads to",
		v.Submit(p, do, with("to", "emily.carter@example.com", "to_kind", "email")).URL.Path, made.URL.Path)
	second := v.Submit(v.Get(form), do, with("to", "20001", "to_kind", "customer_id"))
	expect.Equal(t, "second.Status", second.Status, http.StatusConflict, second.Text())
}

// TestWhoMakesAndReadsCodes: what a role may not is neither shown nor done, and what is not live makes nothing.
// covers: 004-46
func TestWhoMakesAndReadsCodes(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	for _, role := range []string{"staff", "store_manager"} {
		v := world.ConsoleVisitor(t, file, role)
		for _, key := range []string{"cards", "partners", "thanks"} {
			page := v.Get("/admin/campaigns/" + key)
			for _, word := range []string{"/new\"", "WITH-MIKA", "/batches/"} {
				if strings.Contains(page.Raw, word) {
					t.Errorf("%s sees %s of %s", role, word, key)
				}
			}
			expect.Equal(t, fmt.Sprint(role, " reads ", key), v.Get("/admin/campaigns/"+key+"/codes").Status,
				http.StatusForbidden)
		}
		found := v.Get("/admin/coupons?q=WITH-MIKA")
		found.Has(t, "Codes that begin with WITH- belong to Partners.")
		if strings.Contains(found.Text(), "@mika") {
			t.Errorf("%s is told whose a code is", role)
		}
	}
	v := world.ConsoleVisitor(t, file, "ec_admin")
	const status = "/admin/campaigns/cards/status"
	v.Submit(v.Get(status+"?to=paused"), status, nil)
	const form = "/admin/campaigns/cards/batches/new"
	shut := v.Get(form)
	shut.Has(t, "Codes are made only while the campaign is live.")
	expect.Equal(t, "there is a form", shut.Form(form) != nil, false)
}
