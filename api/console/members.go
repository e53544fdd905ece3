package console

import (
	"net/url"

	"pointbridge/domain"
	"pointbridge/domain/members"
)

const customersPath = consolePath + "/customers"

// membersShown is how many members a page of the list has.
const membersShown = 50

// memberChoices are the choices of the list; the first shows all.
var memberChoices = []string{"", members.ListLocked, members.ListUnlinked}

type membersPage struct {
	Choices []listChoice
	Rows    []listedMember
	// Previous and Next are addresses, empty where there is no such page.
	Previous, Next string
	Only           string
}

type listedMember struct {
	domain.Customer
	Locked bool
}

// members is the list of members by their numbers.
func (con couponHandlers) members(req *request) error {
	only := ""
	for _, choice := range memberChoices {
		if req.Query("show") == choice {
			only = choice
		}
	}
	l := members.List{Only: only, After: req.Query("after"), Before: req.Query("before"), Now: con.deps.Now(),
		Limit: membersShown + 1}
	if !domain.KnownCustomerID(l.After) {
		l.After = "" // what is no place in the list asks for its start
	}
	if !domain.KnownCustomerID(l.Before) || l.After != "" {
		l.Before = ""
	}
	list, err := con.deps.Finder.ListMembers(req.Ctx(), l)
	if err != nil {
		return err
	}
	page := membersPage{Only: only}
	for _, choice := range memberChoices {
		c := listChoice{Key: "members.show." + choice, Address: membersAddress(choice, "", ""), Here: choice == only}
		if choice == "" {
			c.Key = "members.show.all"
		}
		page.Choices = append(page.Choices, c)
	}
	page.place(l, list)
	for i, c := range page.Rows {
		page.Rows[i].Locked = c.LockedUntil != nil && l.Now.Before(*c.LockedUntil)
	}
	if err := req.read(domain.ActionMembersListed, "", found(len(page.Rows))); err != nil {
		return err
	}
	req.show("members", req.T("members.title"), page)
	return nil
}

// place cuts the list to a page and says where it goes on. Where somebody came from there is always a page.
func (p *membersPage) place(l members.List, list []domain.Customer) {
	more := len(list) > membersShown
	if more && l.Before != "" {
		list = list[1:] // the one too many is the farthest
	} else if more {
		list = list[:membersShown]
	}
	for _, c := range list {
		p.Rows = append(p.Rows, listedMember{Customer: c})
	}
	if len(list) == 0 {
		if l.After != "" || l.Before != "" {
			p.Previous = membersAddress(p.Only, "", "")
		}
		return
	}
	if l.After != "" || l.Before != "" && more {
		p.Previous = membersAddress(p.Only, "before", list[0].ID)
	}
	if l.Before != "" || more {
		p.Next = membersAddress(p.Only, "after", list[len(list)-1].ID)
	}
}

func membersAddress(only, name, id string) string {
	q := url.Values{}
	if only != "" {
		q.Set("show", only)
	}
	if id != "" {
		q.Set(name, id)
	}
	if len(q) == 0 {
		return customersPath
	}
	return customersPath + "?" + q.Encode()
}
