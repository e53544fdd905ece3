package console

import (
	"maps"
	"slices"

	"pointbridge/api/pages"
	"pointbridge/domain"
)

const helpPath = consolePath + "/help"

// helpOf says which help belongs to a page, by the page's name. Pages that are steps of one act share one. Those that
// only lead in, or say that something failed, have none.
var helpOf = map[string]string{
	"coupons": "coupons", "coupon": "coupon", "ending": "ending", "ending-confirm": "ending", "customer": "customer",
	"number": "customer", "reviews": "reviews", "review": "reviews", "requests": "requests", "request": "requests",
	"ask": "requests", "bulk-form": "bulk", "bulk-job": "bulk", "bulk-jobs": "bulk", "decisions": "decisions",
	"decision": "decisions", "decision-person": "decisions", "identity": "decisions", "campaigns": "campaigns",
	"campaign": "campaigns", "campaign-form": "campaigns", "campaign-move": "campaigns", "campaign-codes": "codes",
	"batch": "codes", "batch-form": "codes", "batch-confirm": "codes", "batch-stop": "codes", "codes": "codes",
	"issue-form": "codes", "shared-form": "codes", "shared-end": "codes", "dashboard": "dashboard", "audit": "audit",
	"staff": "staff", "person": "staff", "account": "account", "tokens": "account", "members": "members",
	"search": "members", "member-convert": "convert", "refunds": "refunds", "event-endpoints": "events",
	"event-endpoint": "events", "event-endpoint-remove": "events", "letter": "mails",
}

// noHelp are the pages without one.
var noHelp = []string{"choose", "confirm", "error", "help", "left", "second", "set-up", "sign-in", "sure"}

// helpTopics lists every help there is.
func helpTopics() []string { return slices.Compact(slices.Sorted(maps.Values(helpOf))) }

// helpRoutes are the pages that explain the others.
func (con accountHandlers) helpRoutes() []route {
	return []route{pages.Get(helpPath+"/:screen", own, con.help)}
}

func (con accountHandlers) help(req *request) error {
	topic := req.Gin.Param("screen")
	if !slices.Contains(helpTopics(), topic) {
		return domain.Refuse(domain.CodeNotFound)
	}
	req.show("help", req.T("help.title"), topic)
	return nil
}

// Help is the address of what explains this page; empty where nothing does.
func (d *view) Help() string {
	if topic := helpOf[d.Name]; topic != "" && d.req.session != nil {
		return helpPath + "/" + topic
	}
	return ""
}
