package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"reflect"
	"strconv"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/sales"
	"pointbridge/domain/spreadsheet"
)

const salesPath = "/v1/reports/sales-by-discount"

var salesType = reflect.TypeFor[salesBody]()

type salesInput struct {
	By       string `query:"by" enum:"code,campaign,owner,day" default:"code" doc:"What a line is. owner: who is credited with a shared code"`
	From     string `query:"from" maxLength:"10" pattern:"^\\d{4}-\\d{2}-\\d{2}$" doc:"The first day on which the orders were placed, a date of the shop's time zone; 29 days before the last one unless given"`
	To       string `query:"to" maxLength:"10" pattern:"^\\d{4}-\\d{2}-\\d{2}$" doc:"The last day, which is included; today unless given. At most 366 days"`
	Campaign string `query:"campaign" maxLength:"40" pattern:"^[a-z0-9-]{2,40}$" doc:"One campaign's codes; all where it is missing"`
	Format   string `query:"format" enum:"json,csv" default:"json" doc:"csv answers a table that spreadsheets open, in UTF-8 with a byte order mark"`
}

type salesSums struct {
	Currency string `json:"currency"`
	Orders   int64  `json:"orders" doc:"Orders that stand; one counts once in a line, however many of the line's codes it used"`
	Gross    int64  `json:"gross" doc:"What their goods cost, in the currency's smallest unit"`
	Discount int64  `json:"discount" doc:"What the codes of the line took off"`
	Net      int64  `json:"net" doc:"gross without discount"`
	Void     struct {
		Orders   int64 `json:"orders"`
		Gross    int64 `json:"gross"`
		Discount int64 `json:"discount"`
	} `json:"void" doc:"Orders that came to nothing: cancelled, refunded in full, or voided. They are in no other figure"`
}

type salesLine struct {
	Key      string  `json:"key" doc:"The code, the campaign, the owner or the day; empty for codes without an owner"`
	Campaign *string `json:"campaign" doc:"The campaign of the line; null for days"`
	Owner    *string `json:"owner" doc:"Who is credited with the code; null where nobody is"`
	salesSums
}

type salesBody struct {
	By       string      `json:"by"`
	From     string      `json:"from" format:"date"`
	To       string      `json:"to" format:"date"`
	TimeZone string      `json:"time_zone" example:"Asia/Tokyo"`
	Lines    []salesLine `json:"lines" nullable:"false" doc:"Those with the most discount first; days in order"`
	Totals   []salesSums `json:"totals" nullable:"false" doc:"One for each currency. An order counts once here as well: where orders used codes of several lines, these are less than the lines together"`
	Cut      bool        `json:"cut" doc:"true: there were more lines than are given; the totals are of all"`
}

func (a *API) salesRoutes() {
	add(a, route{http.MethodGet, salesPath, mayReadReports,
		"Sales by discount: what orders with codes came to", false, nil}, http.StatusOK, a.sales)
	a.answersTable(salesPath, salesType, "SalesByDiscount",
		"A line of names, one for each line of the report, and one for each currency's total")
}

func (a *API) sales(ctx context.Context, in *salesInput) (*summaryOutput, error) {
	from, to, err := a.reportDays(in.From, in.To)
	if err != nil {
		return nil, err
	}
	r, err := a.deps.Sales.Report(ctx, sales.By(in.By), in.Campaign, from, to)
	if err != nil {
		return nil, err
	}
	if in.Format != "csv" {
		return &summaryOutput{Body: salesOf(r)}, nil
	}
	return a.asTable(ctx, "sales-by-"+in.By, from, to, len(r.Lines), func() ([]byte, error) { return salesTable(r) })
}

func salesOf(r sales.Report) salesBody {
	b := salesBody{By: string(r.By), From: dateText(r.From), To: dateText(r.To), TimeZone: r.Zone.String(), Cut: r.Cut,
		Lines: make([]salesLine, 0, len(r.Lines)), Totals: make([]salesSums, 0, len(r.Totals))}
	for _, l := range r.Lines {
		b.Lines = append(b.Lines, salesLine{Key: l.Key, Campaign: given(l.Campaign), Owner: given(l.Owner),
			salesSums: sumsOf(l)})
	}
	for _, l := range r.Totals {
		b.Totals = append(b.Totals, sumsOf(l))
	}
	return b
}

func sumsOf(l sales.Line) salesSums {
	s := salesSums{Currency: l.Currency, Orders: l.Orders, Gross: l.Gross, Discount: l.Discount, Net: l.Net()}
	s.Void.Orders, s.Void.Gross, s.Void.Discount = l.Void.Orders, l.Void.Gross, l.Void.Discount
	return s
}

// salesTable writes amounts in the currency's own units, as people read them.
func salesTable(r sales.Report) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(pages.ByteOrderMark)
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	lines := [][]string{{string(r.By), "campaign", "owner", "currency", "orders", "gross", "discount", "net", "void_orders",
		"void_gross", "void_discount"}}
	for _, l := range r.Lines {
		lines = append(lines, salesCells(l.Key, l))
	}
	for _, l := range r.Totals {
		lines = append(lines, salesCells("total", l))
	}
	for _, line := range lines {
		for i := range line {
			line[i] = spreadsheet.Cell(line[i])
		}
	}
	err := w.WriteAll(lines) // flushes
	return out.Bytes(), err
}

func salesCells(key string, l sales.Line) []string {
	amount := func(minor int64) string { return domain.Money{Minor: minor, Currency: l.Currency}.Decimal() }
	return []string{key, l.Campaign, l.Owner, l.Currency, strconv.FormatInt(l.Orders, 10), amount(l.Gross),
		amount(l.Discount), amount(l.Net()), strconv.FormatInt(l.Void.Orders, 10), amount(l.Void.Gross),
		amount(l.Void.Discount)}
}
