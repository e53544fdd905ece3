package console

import (
	"bytes"
	"net/http"
	"strconv"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/identity/scan"
)

const (
	identityPath = consolePath + "/identity"
	// pageDays bounds a look back from a page; the command goes further.
	pageDays = 90
	// clustersShown is how many people a page shows; the table has all of them.
	clustersShown = 50
)

// identityRoutes look back on the shop.
func (con identityHandlers) identityRoutes() []route {
	read := access.To("reports", "read")
	return []route{
		pages.Get(identityPath, read, con.identity),
		pages.Get(identityPath+"/table", read, con.identityTable),
	}
}

// identityPage is what a protection would have caught; Report is nil before somebody asked for it.
type identityPage struct {
	Days   int
	Most   int
	Report *scan.Report
	// Addresses are those of orders in the store's own admin, by their gids.
	Addresses map[string]string
	More      int
	Told      *pages.Told
}

// daysAsked reads how many days somebody wants to look back on, and whether they asked.
func (req *request) daysAsked() (days int, asked bool) {
	days, err := strconv.Atoi(req.Query("days"))
	if err != nil {
		return 30, false
	}
	return min(max(days, 1), pageDays), true
}

func (con identityHandlers) identity(req *request) error {
	days, asked := req.daysAsked()
	page := identityPage{Days: days, Most: pageDays, Addresses: map[string]string{}}
	if !asked {
		req.show("identity", req.T("identity.title"), page)
		return nil
	}
	report, err := con.lookBack(req, days)
	if err != nil {
		return req.stayFor(err, func(status int, told *pages.Told) error {
			page.Told = told
			req.showStatus(status, "identity", req.T("identity.title"), page)
			return nil
		})
	}
	if page.More = len(report.Clusters) - clustersShown; page.More > 0 {
		report.Clusters = report.Clusters[:clustersShown]
	}
	for _, c := range report.Clusters {
		for _, u := range c.Uses {
			page.Addresses[u.OrderID] = con.adminAddress("orders", u.OrderID)
		}
	}
	page.Report = &report
	req.show("identity", req.T("identity.title"), page)
	return nil
}

func (con identityHandlers) lookBack(req *request, days int) (scan.Report, error) {
	report, err := con.deps.Identity.Scan(req.Ctx(), days)
	if err != nil {
		return scan.Report{}, err
	}
	return report, req.read(domain.ActionIdentityScanned, "", map[string]any{"days": report.Days})
}

// identityTable is the same as a table.
func (con identityHandlers) identityTable(req *request) error {
	days, _ := req.daysAsked()
	report, err := con.lookBack(req, days)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := report.WriteTable(&out); err != nil {
		return err
	}
	req.Gin.Header("Content-Disposition", `attachment; filename="identity-`+report.From.Format("2006-01-02")+"-"+
		report.To.Format("2006-01-02")+`.csv"`)
	req.Gin.Data(http.StatusOK, "text/csv; charset=utf-8; header=present", out.Bytes())
	return nil
}

// stayFor shows the page with what was refused, also where the shop could not be asked: there is nothing to be lost.
func (req *request) stayFor(err error, show func(status int, told *pages.Told) error) error {
	told := req.console.deps.Hooks.Say(req.Lang, err)
	if told.Status == http.StatusInternalServerError {
		return err
	}
	req.console.deps.Hooks.Refused(req.Gin, err)
	req.RetryAfter(told)
	return show(told.Status, &told)
}

// Refuses tells whether a use would have been refused by any preset.
func (p identityPage) Refuses(u scan.Use) bool { return len(u.RefusedBy) > 0 }
