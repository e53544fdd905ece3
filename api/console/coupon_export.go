package console

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"pointbridge/api/sheet"
	"pointbridge/domain"
	"pointbridge/domain/listing"
)

const (
	exportEnd = "/export"
	// exportMost is how many rows a file of coupons has at most, exportPage how many are read at once.
	exportMost = 50_000
	exportPage = 1000
	// exportsAtOnce bounds what files that are being made hold in memory.
	exportsAtOnce = 2
)

// export is the address of the list as a file.
func (q couponQuery) export(format string) string {
	values := q.values()
	values.Set("format", format)
	return addressOf(q.path()+exportEnd, values)
}

// exportCoupons gives the list out as a file: the same coupons, order and columns, all pages of it. A list of more than
// exportMost rows is refused, because a part of it would be taken for the whole. The file is made before a byte is sent,
// and given out once it is on record.
func (con couponHandlers) exportCoupons(req *request) error {
	values := req.Gin.Request.URL.Query()
	format := values.Get("format")
	q, wrong := parseCouponQuery(values, strings.HasPrefix(req.Gin.Request.URL.Path, refusedPath), con.deps.Reports.Today())
	if len(wrong) > 0 || format != "csv" && format != "xlsx" {
		return domain.Refuse(domain.CodeValidation)
	}
	done, err := con.turn(req)
	if err != nil {
		return err
	}
	defer done()
	q.from, q.back = listing.Place{}, false
	table, customer, err := con.couponTable(req, q)
	if errors.Is(err, errTooMany) {
		return con.tooMany(req, q)
	}
	if err != nil {
		return err
	}
	name := "coupons"
	if q.Refused {
		name = "refused-conversions"
	}
	return req.giveOut(table, name, format, customer)
}

// errTooMany says that a list has more rows than a file.
var errTooMany = errors.New("the list has more rows than a file of it may have")

// tooMany shows the list, and why there is no file of it.
func (con couponHandlers) tooMany(req *request, q couponQuery) error {
	page, err := con.couponsPage(req, q)
	if err != nil {
		return err
	}
	page.Problem = req.T("export.too_many", req.quantity(exportMost))
	return con.showCoupons(req, page)
}

// turn waits until another file may be made.
func (con couponHandlers) turn(req *request) (done func(), err error) {
	select {
	case con.exports <- struct{}{}:
		return func() { <-con.exports }, nil
	case <-req.Ctx().Done():
		return nil, req.Ctx().Err()
	}
}

// giveOut sends a table as a file.
func (req *request) giveOut(table *sheet.Table, name, format, customer string) error {
	body, kind, err := fileOf(table, format)
	if err != nil {
		return err
	}
	if err := req.read(domain.ActionTableExported, customer, map[string]any{"found": table.Len(), "format": format,
		"table": name, "asked": aboutOf(req.Gin.Request.URL.Query())}); err != nil {
		return err
	}
	day := req.console.deps.Now().In(req.console.deps.Zone).Format(time.DateOnly)
	req.attach("pointbridge-"+name+"-"+day+"."+format, kind)
	_, err = breathing{req}.Write(body)
	if err != nil {
		req.console.deps.Hooks.Refused(req.Gin, err) // whoever asked has gone: nobody is there to be told
	}
	return nil
}

// aboutOf is what a file was asked for, without the text that was looked for: it can name a person, and the audit
// forgets nobody.
func aboutOf(values url.Values) string {
	if values.Get("q") != "" {
		values.Set("q", "…")
	}
	query := values.Encode()
	return query[:min(len(query), aboutMost)]
}

func fileOf(table *sheet.Table, format string) (body []byte, kind string, err error) {
	if format == "xlsx" {
		body, err = table.Workbook()
		return body, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", err
	}
	body, err = table.CSV()
	return body, "text/csv; charset=utf-8", err
}

// couponTable reads all pages of a list.
func (con couponHandlers) couponTable(req *request, q couponQuery) (*sheet.Table, string, error) {
	f, err := con.filterOf(req, &q, &couponsPage{})
	if err != nil {
		return nil, "", err
	}
	columns := q.columns()
	table := &sheet.Table{Name: req.T("coupons.title"), Zone: con.deps.Zone, Columns: req.sheetColumns(columns)}
	for f.Limit = exportPage; ; {
		page, err := con.find(req, f, q)
		if err != nil {
			return nil, "", err
		}
		if table.Len()+len(page.list) > exportMost {
			return nil, "", errTooMany
		}
		for _, row := range req.rows(page) {
			table.Add(req.cellsOf(columns, row)...)
		}
		if !page.more {
			return table, f.CustomerID, nil
		}
		f.After = f.Sort.Place(page.list[len(page.list)-1])
	}
}

// sheetColumns are the heads of the file: a customer has a number and a name, so that neither is cut out of the other.
func (req *request) sheetColumns(columns []couponColumn) []sheet.Column {
	list := []sheet.Column{{Name: req.T("coupons.code"), Width: 22}}
	for _, c := range columns {
		name := req.T("coupons.column." + c.key)
		if c.key == "customer" {
			list = append(list, sheet.Column{Name: req.T("customer.id"), Width: 16})
		}
		list = append(list, sheet.Column{Name: name, Width: c.width})
		if c.key == "amount" {
			list = append(list, sheet.Column{Name: req.T("coupons.currency"), Width: 8})
		}
	}
	return list
}

// cellsOf are a row of the file.
func (req *request) cellsOf(columns []couponColumn, row couponRow) []sheet.Cell {
	list := []sheet.Cell{sheet.Text(row.Code)}
	for _, c := range columns {
		switch c.key {
		case "customer":
			list = append(list, sheet.Text(row.CustomerID), sheet.Text(row.Name))
		case "amount":
			list = append(list, worthCell(row.Coupon), sheet.Text(row.Amount.Currency))
		case "points":
			list = append(list, sheet.Number(row.Points))
		case "status":
			list = append(list, sheet.Text(req.T("status."+string(row.Now))))
		case "issued":
			list = append(list, sheet.Moment(row.CreatedAt))
		case "ends":
			list = append(list, sheet.Moment(row.ExpiresAt))
		case "cancelled":
			list = append(list, momentCell(row.CancelledAt))
		default:
			list = append(list, sheet.Text(req.wordOf(c.key, row.Coupon)))
		}
	}
	return list
}

func worthCell(c domain.Coupon) sheet.Cell {
	if c.Percent != 0 {
		return sheet.Percent(c.Percent)
	}
	return sheet.Money(c.Amount.Minor, domain.Digits(c.Amount.Currency))
}

func momentCell(at *time.Time) sheet.Cell {
	if at == nil {
		return sheet.Cell{}
	}
	return sheet.Moment(*at)
}

// wordOf is what a column of words says of a coupon, on the page and in the file.
func (req *request) wordOf(column string, c domain.Coupon) string {
	switch column {
	case "by":
		return c.CancelledBy
	case "reason":
		if c.Reason == "" {
			return ""
		}
		return req.known("reason.", c.Reason)
	case "order":
		return c.UsedOrder
	case "failure":
		if c.Failure == nil {
			return ""
		}
		return req.problemTitle(string(c.Failure.Code))
	}
	return ""
}

// Word is wordOf for a template.
func (d *view) Word(column string, c couponRow) string { return d.req.wordOf(column, c.Coupon) }
