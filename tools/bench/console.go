package bench

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"pointbridge/app"
	"pointbridge/demo"
	"pointbridge/tools/floor"
	"pointbridge/tools/subprocess"
)

// looker is who asks for a page.
type looker int

const (
	byKey looker = iota
	byStaff
	byCustomer
)

// signIn adds a person and signs them in to the console.
func (b *bed) signIn(ctx context.Context, env []string) error {
	const email = "bench@example.com"
	c, err := subprocess.Start(ctx, env, "staff", "add", "--email", email, "--name", "Bench", "--role", "system_admin")
	if err != nil {
		return err
	}
	lines, err := c.Until("Password")
	if err != nil {
		return err
	}
	_, drawn, _ := strings.Cut(lines[len(lines)-1], ": ")
	password, err := b.choosePassword(ctx, email, drawn)
	if err != nil {
		return err
	}
	form := url.Values{"email": {email}, "password": {password}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.base+"/admin/sign-in",
		strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.client.Transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	cookies := make([]string, 0, 2)
	for _, cookie := range res.Cookies() {
		cookies = append(cookies, cookie.Name+"="+cookie.Value)
	}
	if b.session = strings.Join(cookies, "; "); res.StatusCode != http.StatusSeeOther || b.session == "" {
		return fmt.Errorf("sign in: %d", res.StatusCode)
	}
	return nil
}

// choosePassword changes a drawn password, which the console asks for before it shows anything.
func (b *bed) choosePassword(ctx context.Context, email, drawn string) (string, error) {
	status, answer, err := b.callAs(ctx, "", http.MethodPost, "/v1/session", "", map[string]string{"email": email,
		"password": drawn})
	if err != nil || status != http.StatusCreated {
		return "", errors.Join(err, fmt.Errorf("sign in over the API: %d", status))
	}
	var session struct{ Token string }
	if err := json.Unmarshal(answer, &session); err != nil {
		return "", err
	}
	chosen := demo.Draw()
	status, _, err = b.callAs(ctx, session.Token, http.MethodPut, "/v1/session/password", "", map[string]string{
		"current_password": drawn, "new_password": chosen})
	if err != nil || status >= http.StatusBadRequest {
		return "", errors.Join(err, fmt.Errorf("choose a password: %d", status))
	}
	return chosen, nil
}

// shopper is the member who looks at their own page, and has coupons.
func (b *bed) shopper(ctx context.Context, database string) error {
	p := demo.Crowd(1)[0]
	status, answer, err := b.callAs(ctx, b.admin, http.MethodPut, "/v1/customers/"+p.ID, "", map[string]string{
		"shopify_customer_id": p.Shopify, "name": p.Name, "email": p.Email, "locale": p.Locale})
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("link %s: %d %s", p.ID, status, answer)
	}
	return errors.Join(err, floor.Give(ctx, database, p.ID, 30))
}

// lookAs asks for a page as one of those who look.
func (b *bed) lookAs(ctx context.Context, by looker, path string) (int, []byte, error) {
	if by == byKey {
		return b.callAs(ctx, b.admin, http.MethodGet, path, "", nil)
	}
	if by == byCustomer {
		path += "?" + b.Proxied()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+path, nil)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Accept", "text/html")
	if by == byStaff {
		req.Header.Set("Cookie", b.session)
	}
	res, err := b.client.Transport.RoundTrip(req) // a page that sends on is not the page that was asked for
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// Proxied is the query that Shopify's app proxy adds for the shopper.
func (b *bed) Proxied() string {
	number := strings.TrimPrefix(demo.Crowd(1)[0].Shopify, "gid://shopify/Customer/")
	shop, at := app.ValueOf(b.env, "SHOPIFY_SHOP"), fmt.Sprint(time.Now().Unix())
	mac := hmac.New(sha256.New, []byte(app.ValueOf(b.env, "SHOPIFY_CLIENT_SECRET")))
	_, _ = io.WriteString(mac, "logged_in_customer_id="+number+"path_prefix=/apps/pointbridgeshop="+shop+"timestamp="+
		at)
	return url.Values{"logged_in_customer_id": {number}, "path_prefix": {"/apps/pointbridge"}, "shop": {shop},
		"timestamp": {at}, "signature": {hex.EncodeToString(mac.Sum(nil))}}.Encode()
}

// consolePages are the pages that people see.
func consolePages(codes, customers []string) []page {
	const list = "/admin/coupons"
	var all []page
	add := func(name string, path func(int) string) {
		all = append(all, page{Name: "console: " + name, Path: path, by: byStaff})
	}
	one := func(name, path string) { add(name, func(int) string { return path }) }
	code := func(n int) string { return codes[n%len(codes)] }
	customer := func(n int) string { return customers[n%len(customers)] }
	one("list", list)
	for _, status := range []string{"active", "used", "expired", "cancelled", "on_the_way", "suspended", "forfeited",
		"failed"} {
		one("list, "+status, list+"?status="+status)
	}
	one("list, by end", list+"?sort=end")
	one("list, by amount", list+"?sort=amount")
	one("list, by points", list+"?sort=points")
	one("expired, by points", list+"?status=expired&sort=points")
	add("search, two digits, by points", func(n int) string { return list + "?sort=points&q=" + customer(n)[:2] })
	add("search, three digits, by points", func(n int) string { return list + "?sort=points&q=" + customer(n)[:3] })
	one("refunds of a month, by points", list+"?on=cancelled&range=last_month&sort=points")
	one("coupons of a month, by points", list+"?range=last_month&sort=points")
	one("coupons of a year, by points", list+"?sort=points&from="+time.Now().AddDate(0, 0, -364).Format(time.DateOnly))
	one("active, by end", list+"?status=active&sort=end")
	one("expired, by amount", list+"?status=expired&sort=amount")
	add("list, further on", func(n int) string {
		return list + "?after=" + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "0:%d", 5000+n))
	})
	add("search, whole code", func(n int) string { return list + "?q=" + code(n) })
	add("search, two drawn characters", func(n int) string { return list + "?q=" + strings.Split(code(n), "-")[1][:2] })
	add("search, customer", func(n int) string { return list + "?q=" + customer(n) })
	for _, digits := range []int{1, 2, 3, 4, 5, 6} {
		add(fmt.Sprintf("search, %d digits", digits), func(n int) string { return list + "?q=" + customer(n)[:digits] })
	}
	add("search, last five digits", func(n int) string { return list + "?q=" + customer(n)[len(customer(n))-5:] })
	add("search, expired, two digits", func(n int) string { return list + "?status=expired&q=" + customer(n)[:2] })
	add("search, two digits, by amount", func(n int) string { return list + "?sort=amount&q=" + customer(n)[:2] })
	add("coupon", func(n int) string { return list + "/" + code(n) })
	add("customer", func(n int) string { return "/admin/customers/" + customer(n) })
	one("members", "/admin/customers")
	add("members, further on", func(n int) string { return "/admin/customers?after=" + customer(n) })
	one("members, not linked", "/admin/customers?show=unlinked")
	const box = "/admin/search?q="
	add("box, a number", func(n int) string { return box + customer(n) })
	add("box, part of a number", func(n int) string { return box + customer(n)[3:8] })
	add("box, two digits", func(n int) string { return box + customer(n)[:2] })
	add("box, a name that is one member's", func(n int) string { return fmt.Sprint(box, "Customer+", 1+n*97%10_000) })
	one("box, a name that is everybody's", box+"customer")
	add("box, given name first", func(n int) string { return fmt.Sprint(box, 1+n*97%10_000, "+customer") })
	add("box, mail address", func(n int) string { return fmt.Sprint(box, "c", 1+n*97%1000, "%40example.com") })
	leads := func(name string, path func(int) string) {
		add(name, path)
		all[len(all)-1].leads = true
	}
	leads("box, whole code", func(n int) string { return box + code(n) })
	leads("box, code without hyphens", func(n int) string { return box + strings.ReplaceAll(code(n), "-", "") })
	add("box, order", func(n int) string { return fmt.Sprint(box, "%23", 1+n*97%10_000) })
	one("box, nothing to be found", box+"zzzzzzzz")
	day := time.Now().AddDate(0, -6, 0).Format(time.DateOnly)
	one("audit", "/admin/audit")
	one("audit, an actor", "/admin/audit?actor=staff:1")
	one("audit, an action that is common", "/admin/audit?action=points.taken")
	one("audit, an action that is rare", "/admin/audit?action=coupon.suspended")
	one("audit, a day half a year ago", "/admin/audit?from="+day+"&to="+day)
	one("audit, an action half a year ago", "/admin/audit?action=coupon.used&to="+day)
	add("audit, a coupon", func(n int) string { return "/admin/audit?coupon=" + code(n) })
	add("search, two digits, by end", func(n int) string { return list + "?sort=end&q=" + customer(n)[:2] })
	add("search, used, two digits, by amount", func(n int) string { return list + "?status=used&sort=amount&q=" + customer(n)[:2] })
	one("reviews", "/admin/reviews")
	one("dashboard", "/admin/dashboard")
	one("staff", "/admin/staff")
	all = append(all, page{Name: "customer's page", Path: func(int) string { return "/proxy/" }, by: byCustomer})
	return all
}
