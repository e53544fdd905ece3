package api

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"pointbridge/api/pages"
	"pointbridge/domain"
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
	table, err := pages.NewCodeTable(ctx, a.deps.Identity.CodeBook, in.Key, b, pages.ForPrograms())
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", "text/csv; charset=utf-8")
		hc.SetHeader("Content-Disposition", `attachment; filename="`+table.Name()+`"`)
		hc.SetHeader("Cache-Control", "no-store")
		if err := table.Write(ctx, hc.BodyWriter()); err != nil {
			a.deps.Logger.LogAttrs(ctx, slog.LevelWarn, "a table of codes was not sent to its end",
				slog.String("batch", b.PublicID), slog.Any("error", err))
		}
	}}, nil
}

// documentBatchCodes says what a table of codes is, which huma cannot read from a stream.
func (a *API) documentBatchCodes() {
	op := a.huma.OpenAPI().Paths[batchPath+"/codes.csv"].Get
	op.Responses[strconv.Itoa(http.StatusOK)] = &huma.Response{Description: "OK",
		Headers: map[string]*huma.Param{"Content-Disposition": text("The name of the file")},
		Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString,
			Description: "UTF-8 with a byte order mark. Unbound: code, status, uses. Bound: row, code, value"}}}}
}
