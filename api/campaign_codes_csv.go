package api

import (
	"context"
	"encoding/csv"
	"io"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"pointbridge/domain"
	"pointbridge/domain/campaigns/codes"
)

const (
	// byteOrderMark tells Japanese spreadsheets that the table is UTF-8.
	byteOrderMark = "\ufeff"
	// exportPage is how many codes are read at once for a table.
	exportPage = 5000
)

// batchCodes writes the codes that were made, with what they were used for. That somebody took them is on record before
// the first of them is sent.
func (a *API) batchCodes(ctx context.Context, in *BatchPath) (*huma.StreamResponse, error) {
	b, err := a.deps.Identity.CodeBook.BatchOf(ctx, in.Key, in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.read(ctx, domain.ActionBatchExported, "", map[string]any{"campaign": in.Key, "batch": b.PublicID,
		"codes": b.Made}); err != nil {
		return nil, err
	}
	next := a.codePages(in.Key, b)
	first, err := next(ctx)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", "text/csv; charset=utf-8")
		hc.SetHeader("Content-Disposition", `attachment; filename="`+in.Key+"-"+b.PublicID+`.csv"`)
		hc.SetHeader("Cache-Control", "no-store")
		if err := writeCodes(ctx, hc.BodyWriter(), b, first, next); err != nil {
			a.deps.Logger.LogAttrs(ctx, slog.LevelWarn, "a table of codes was not sent to its end",
				slog.String("batch", b.PublicID), slog.Any("error", err))
		}
	}}, nil
}

// codePages reads the lines of a table, a page at each call; an empty one is the end.
func (a *API) codePages(campaign string, b codes.Batch) func(context.Context) ([][]string, error) {
	after := int64(0)
	return func(ctx context.Context) (lines [][]string, err error) {
		if b.Kind == codes.Bound {
			rows, err := a.deps.Identity.CodeBook.RowsOf(ctx, codes.RowQuery{BatchID: b.ID, State: codes.RowIssued,
				After: int(after), Limit: exportPage})
			for _, r := range rows {
				after = int64(r.Row)
				lines = append(lines, []string{strconv.Itoa(r.Row), r.Code, strconv.FormatInt(r.Value, 10)})
			}
			return lines, err
		}
		list, err := a.deps.Identity.CodeBook.CodesOf(ctx, codes.Query{Campaign: campaign, BatchID: b.ID,
			State: codes.CodeMade, After: after, Limit: exportPage})
		for _, c := range list {
			after = c.ID
			lines = append(lines, []string{c.Code, codeStatus(c), strconv.Itoa(c.Uses)})
		}
		return lines, err
	}
}

func writeCodes(ctx context.Context, to io.Writer, b codes.Batch, page [][]string,
	next func(context.Context) ([][]string, error)) error {
	if _, err := io.WriteString(to, byteOrderMark); err != nil {
		return err
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true
	names := []string{"code", "status", "uses"}
	if b.Kind == codes.Bound {
		names = []string{"row", "code", "value"}
	}
	if err := w.Write(names); err != nil {
		return err
	}
	for len(page) > 0 {
		for _, line := range page {
			for i := range line {
				line[i] = harmless(line[i])
			}
		}
		if err := w.WriteAll(page); err != nil {
			return err
		}
		var err error
		if page, err = next(ctx); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// documentBatchCodes says what a table of codes is, which huma cannot read from a stream.
func (a *API) documentBatchCodes() {
	op := a.huma.OpenAPI().Paths[batchPath+"/codes.csv"].Get
	op.Responses[strconv.Itoa(http.StatusOK)] = &huma.Response{Description: "OK",
		Headers: map[string]*huma.Param{"Content-Disposition": text("The name of the file")},
		Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString,
			Description: "UTF-8 with a byte order mark. Unbound: code, status, uses. Bound: row, code, value"}}}}
}
