package console

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

const endless = "never"

// keyLives are the lives a new key can have, in days, the usual one first. One without an end has to be asked for.
func keyLives() []int { return []int{int(staff.KeyLife / (24 * time.Hour)), 90, 30, 7} }

// keyRoutes are the keys of programs; they are listed beside the people.
func (con peopleHandlers) keyRoutes() []route {
	manage := access.To("staff", "manage")
	return []route{
		pages.Post(keysPath, manage, con.addKey),
		pages.Post(keysPath+"/revoke", manage, con.revokeKey),
	}
}

func (con peopleHandlers) addKey(req *request) error {
	k := staff.NewKey{Caller: domain.Caller{Name: strings.TrimSpace(req.Field("name")),
		Role: domain.Role(req.Field("role"))}, Owner: strings.TrimSpace(req.Field("owner"))}
	occasion, err := req.formKey()
	if err == nil {
		err = con.lifeOf(req.Field("life"), &k)
	}
	token := ""
	if err == nil {
		token, _, err = con.deps.Machines.AddOnce(req.Ctx(), req.Who, k, occasion)
	}
	if err != nil {
		return req.stay(err, func(status int, told *pages.Told) error {
			return con.showStaff(req, status, staffPage{Told: told, Form: req.Gin.Request.PostForm})
		})
	}
	return con.showStaff(req, http.StatusOK, staffPage{Secret: &shownSecret{"key", k.Caller.Name, token}})
}

// lifeOf reads how long a key is to live: a number of days, or never; nothing said is the usual life.
func (con peopleHandlers) lifeOf(text string, k *staff.NewKey) error {
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
	k.ExpiresAt = con.deps.Now().Add(time.Duration(days) * 24 * time.Hour)
	return nil
}

func (con peopleHandlers) revokeKey(req *request) error {
	if err := con.deps.Machines.Revoke(req.Ctx(), req.Who, req.Field("prefix")); err != nil {
		return err
	}
	req.redirect(staffPath)
	return nil
}

// Over reports whether a key's time is over.
func (p staffPage) Over(k domain.APIKey) bool { return !k.Alive(p.Now) }
