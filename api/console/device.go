package console

import (
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"time"

	"pointbridge/api/pages"
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

func (con *Console) deviceCookie() string { return con.cookieName() + "-device" }

// from is where the visitor comes from, as far as sign-ins with this e-mail go. A browser that has no name yet gets one
// when somebody is let in.
func (req *request) from(email string) staff.From {
	name, vouchers := req.device()
	from := staff.From{Address: req.console.deps.Address(req.Gin), Agent: req.Gin.Request.UserAgent(), Browser: name,
		Locale: req.Lang}
	email, _ = domain.NormalizeEmail(email)
	for _, voucher := range vouchers {
		if req.console.vouches(name, email, voucher) {
			from.Device = name
		}
	}
	if from.Browser == "" {
		from.Browser = rand.Text()
	}
	return from
}

// rememberDevice adds the person to those who have signed in on the device of this name.
func (req *request) rememberDevice(name, email string) {
	_, vouchers := req.device()
	kept := []string{req.console.voucher(name, email, req.console.deps.Now().Add(deviceLife).Unix())}
	for _, voucher := range vouchers {
		if len(kept) < devicePeople && !req.console.vouches(name, email, voucher) {
			kept = append(kept, voucher)
		}
	}
	req.SetCookie(&http.Cookie{Name: req.console.deviceCookie(),
		Value: name + deviceParts + strings.Join(kept, deviceParts), MaxAge: int(deviceLife.Seconds())})
}

// device reads the cookie; nothing in it is believed yet.
func (req *request) device() (name string, vouchers []string) {
	value, err := req.Gin.Cookie(req.console.deviceCookie())
	if err != nil || len(value) > maxDevice {
		return "", nil
	}
	parts := strings.Split(value, deviceParts)
	if len(parts) < 2 || len(parts) > 1+devicePeople || len(parts[0]) != len(rand.Text()) {
		return "", nil
	}
	return parts[0], parts[1:]
}

func (con *Console) voucher(name, email string, until int64) string {
	end := strconv.FormatInt(until, 36)
	return end + deviceUntil + con.deps.Sign("device", name+"\x00"+email+"\x00"+end)
}

func (con *Console) vouches(name, email, voucher string) bool {
	end, _, _ := strings.Cut(voucher, deviceUntil)
	until, err := strconv.ParseInt(end, 36, 64)
	if err != nil || !con.deps.Now().Before(time.Unix(until, 0)) {
		return false
	}
	return pages.Same(voucher, con.voucher(name, email, until))
}
