package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

const endless = "never"

// keyLives are the lives a new key can have, in days, the usual one first. One without an end has to be asked for.
func keyLives() []int { return []int{int(staff.KeyLife / (24 * time.Hour)), 90, 30, 7} }

// keyRoutes are the keys of programs; they are listed beside the people.
func (w *Web) keyRoutes() []route {
	manage := access.To("staff", "manage")
	return []route{
		{http.MethodPost, keysPath, manage, w.addKey},
		{http.MethodPost, keysPath + "/revoke", manage, w.revokeKey},
	}
}

func (w *Web) addKey(v *visit) error {
	k := staff.NewKey{Caller: domain.Caller{Name: strings.TrimSpace(v.field("name")), Role: domain.Role(v.field("role"))}, Owner: strings.TrimSpace(v.field("owner"))}
	occasion, err := v.formKey()
	if err == nil {
		err = w.lifeOf(v.field("life"), &k)
	}
	token := ""
	if err == nil {
		token, _, err = w.deps.Machines.AddOnce(v.ctx(), v.who, k, occasion)
	}
	if err != nil {
		return v.stay(err, func(status int, told *Told) error {
			return w.showStaff(v, status, staffPage{Told: told, Form: v.c.Request.PostForm})
		})
	}
	return w.showStaff(v, http.StatusOK, staffPage{Secret: &shownSecret{"key", k.Caller.Name, token}})
}

// lifeOf reads how long a key is to live: a number of days, or never; nothing said is the usual life.
func (w *Web) lifeOf(text string, k *staff.NewKey) error {
	switch text {
	case "":
		return nil
	case endless:
		k.Endless = true
		return nil
	}
	days, err := strconv.Atoi(text)
	if err != nil || days < 1 || time.Duration(days) > staff.MaxKeyLife/(24*time.Hour) {
		return domain.Refuse(domain.CodeValidation, "field", "body.expires")
	}
	k.ExpiresAt = w.deps.Now().Add(time.Duration(days) * 24 * time.Hour)
	return nil
}

func (w *Web) revokeKey(v *visit) error {
	if err := w.deps.Machines.Revoke(v.ctx(), v.who, v.field("prefix")); err != nil {
		return err
	}
	v.redirect(staffPath)
	return nil
}

// Over tells whether a key's time is over.
func (p staffPage) Over(k domain.APIKey) bool { return !k.Alive(p.Now) }
