package console

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/spreadsheet"
)

const (
	// exportBatch is how many lines are read at once.
	exportBatch = 1000
	// exportBreath is how long a batch may take to be written: a long export is no hanging one.
	exportBreath = 30 * time.Second
	// aboutMost bounds in bytes what the audit keeps of each thing that was asked for.
	aboutMost = 200
)

// auditExport streams the audit: sealed, as audit verify --file checks it (the days alone choose, because a chain has
// no gaps), or as a table of the lines that the page shows.
func (con auditHandlers) auditExport(req *request) error {
	q := auditQuery{req.Query("coupon"), req.Query("actor"), req.Query("action"), req.Query("from"), req.Query("to")}
	f, wrong := con.auditFilter(q)
	if len(wrong) > 0 {
		return domain.Refuse(domain.CodeValidation)
	}
	name := "pointbridge-audit-" + con.deps.Now().In(con.deps.Zone).Format("2006-01-02")
	format, lines := req.Query("format"), 0
	out := counted{breathing{req}, &lines}
	var begin func()
	var write func() error
	switch format {
	case "sealed":
		begin = func() { req.attach(name+".jsonl", "application/jsonl; charset=utf-8") }
		write = func() error { return audit.ExportRange(req.Ctx(), con.deps.Sealed, f.From, f.To, out) }
	case "csv":
		begin = func() { req.attach(name+".csv", "text/csv; charset=utf-8") }
		write = func() error { return con.auditTable(req, f, out) }
	default:
		return domain.Refuse(domain.CodeValidation)
	}
	about := q.about(format)
	if err := req.read(domain.ActionAuditExportBegun, "", about); err != nil {
		return err
	}
	begin()
	err := write()
	about = maps.Clone(about)
	about["found"], about["whole"] = lines, err == nil
	if err = errors.Join(err, req.read(domain.ActionAuditExported, "", about)); err != nil {
		// What was sent is no whole file: the connection breaks off, so that nobody takes it for one.
		if gone := req.Ctx().Err(); gone != nil {
			err = gone // who goes away in the middle is no fault of ours, whatever the connection says of it
		}
		req.console.deps.Hooks.Refused(req.Gin, err)
		panic(fmt.Errorf("export the audit: %w", err))
	}
	return nil
}

// about is what an export was asked for, as the audit tells it.
func (q auditQuery) about(format string) map[string]any {
	about := map[string]any{"format": format}
	for name, text := range map[string]string{"coupon": q.Coupon, "actor": q.Actor, "action": q.Action, "from": q.From,
		"to": q.To} {
		if text != "" {
			about[name] = text[:min(len(text), aboutMost)]
		}
	}
	return about
}

// attach begins a file.
func (req *request) attach(name, kind string) {
	req.Gin.Header("Content-Type", kind)
	req.Gin.Header("Content-Disposition", `attachment; filename="`+name+`"`)
	req.Gin.Status(http.StatusOK)
}

// breathing gives each piece of a long answer its own time.
type breathing struct{ v *request }

func (b breathing) Write(p []byte) (int, error) {
	// A recorder in a test has no deadline to set; a connection has.
	_ = http.NewResponseController(b.v.Gin.Writer).SetWriteDeadline(time.Now().Add(exportBreath))
	return b.v.Gin.Writer.Write(p)
}

func (con auditHandlers) auditTable(req *request, f audit.Filter, out io.Writer) error {
	table := csv.NewWriter(out)
	if err := table.Write([]string{"id", "at", "actor", "actor_name", "action", "coupon_code", "customer_id",
		"from_status", "to_status", "outcome", "detail", "seq", "hash"}); err != nil {
		return err
	}
	f.Limit = exportBatch
	for {
		found, err := con.deps.Audit.Audit(req.Ctx(), f)
		if err != nil {
			return err
		}
		for _, e := range found {
			if err := table.Write(cells(e)); err != nil {
				return err
			}
		}
		table.Flush()
		if err := table.Error(); err != nil || len(found) < exportBatch {
			return err
		}
		f.Before = found[len(found)-1].ID
	}
}

func cells(e audit.Entry) []string {
	raw, err := json.Marshal(e.Detail)
	if err != nil || e.Detail == nil {
		raw = []byte("{}")
	}
	seq, hash := "", ""
	if e.Seq != 0 {
		seq, hash = pages.Number(e.Seq), e.Hash.String()
	}
	row := []string{pages.Number(e.ID), e.At.UTC().Format(time.RFC3339Nano), e.Actor, e.ActorName, e.Action, e.Code,
		e.CustomerID, string(e.From), string(e.To),
		e.Outcome, string(raw), seq, hash}
	for i, cell := range row {
		row[i] = spreadsheet.Cell(cell)
	}
	return row
}

// detailsOf lists a line's detail in a stable order.
func detailsOf(members map[string]any) []detail {
	list := make([]detail, 0, len(members))
	for _, name := range slices.SortedFunc(maps.Keys(members), cmp.Compare) {
		text, is := members[name].(string)
		if !is {
			raw, err := json.Marshal(members[name])
			if err != nil {
				continue
			}
			text = string(raw)
		}
		list = append(list, detail{name, text})
	}
	return list
}
