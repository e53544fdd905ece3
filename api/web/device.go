package web

import (
	"crypto/hmac"
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

const (
	// deviceLife is how long a device is remembered after the last sign-in on it.
	deviceLife = 180 * 24 * time.Hour
	// devicePeople is how many people one device is known for; whoever signed in longest ago is forgotten first.
	devicePeople = 6
	// maxDevice bounds the cookie that is read, in bytes; ours are shorter.
	maxDevice = 1024
	// deviceParts separates the parts of the cookie, deviceUntil the two of a voucher.
	deviceParts, deviceUntil = ".", "~"
)

// A device that somebody has signed in on keeps a cookie that says so: a name drawn once, and for each of these
// people a voucher, signed for that name, e-mail and end. Somebody else's voucher, or one of another device, says
// nothing. It opens nothing; it only keeps strangers' failures from counting against the person there. Nothing of it
// is stored by the service.

func (w *Web) deviceCookie() string { return w.cookieName() + "-device" }

// from is where the visitor comes from, as far as sign-ins with this e-mail go. A browser that has no name yet gets one
// when somebody is let in.
func (v *visit) from(email string) staff.From {
	name, vouchers := v.device()
	from := staff.From{Address: v.web.deps.Hooks.Address(v.c), Agent: v.c.Request.UserAgent(), Browser: name, Locale: v.lang}
	email, _ = domain.NormalizeEmail(email)
	for _, voucher := range vouchers {
		if v.web.vouches(name, email, voucher) {
			from.Device = name
		}
	}
	if from.Browser == "" {
		from.Browser = rand.Text()
	}
	return from
}

// rememberDevice adds the person to those who have signed in on the device of this name.
func (v *visit) rememberDevice(name, email string) {
	_, vouchers := v.device()
	kept := []string{v.web.voucher(name, email, v.web.deps.Now().Add(deviceLife).Unix())}
	for _, voucher := range vouchers {
		if len(kept) < devicePeople && !v.web.vouches(name, email, voucher) {
			kept = append(kept, voucher)
		}
	}
	http.SetCookie(v.c.Writer, &http.Cookie{Name: v.web.deviceCookie(), Value: name + deviceParts + strings.Join(kept, deviceParts), Path: "/",
		MaxAge: int(deviceLife.Seconds()), HttpOnly: true, Secure: v.web.secure(), SameSite: http.SameSiteLaxMode})
}

// device reads the cookie; nothing in it is believed yet.
func (v *visit) device() (name string, vouchers []string) {
	value, err := v.c.Cookie(v.web.deviceCookie())
	if err != nil || len(value) > maxDevice {
		return "", nil
	}
	parts := strings.Split(value, deviceParts)
	if len(parts) < 2 || len(parts) > 1+devicePeople || len(parts[0]) != len(rand.Text()) {
		return "", nil
	}
	return parts[0], parts[1:]
}

func (w *Web) voucher(name, email string, until int64) string {
	end := strconv.FormatInt(until, 36)
	return end + deviceUntil + w.sign("device", name+"\x00"+email+"\x00"+end)
}

func (w *Web) vouches(name, email, voucher string) bool {
	end, _, _ := strings.Cut(voucher, deviceUntil)
	until, err := strconv.ParseInt(end, 36, 64)
	if err != nil || !w.deps.Now().Before(time.Unix(until, 0)) {
		return false
	}
	return hmac.Equal([]byte(voucher), []byte(w.voucher(name, email, until)))
}
