package console

import (
	"fmt"
	"net/http"
	"net/url"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/cursor"
	"pointbridge/domain/decisions"
)

// batchPage is a batch: how far it is, and what of it was refused.
type batchPage struct {
	codes.Batch
	Of       campaigns.Campaign
	Refusals []batchRefusal
	// First and Next are the addresses of other pages of refusals.
	First, Next string
	// Code is one of its codes that was searched for.
	Code *codes.Code
	// Moves are the statuses that it can be moved to here.
	Moves []codes.Status
	Told  *pages.Told
}

// batchRefusal is a row, or a code, of which nothing came.
type batchRefusal struct {
	Row  int
	Code string
	Why  string
}

// Running tells that its figures are still moving.
func (p batchPage) Running() bool { return p.Status == codes.Running }

// Address is the batch's page.
func (p batchPage) Address() string { return campaignAddress(p.Of.Key, "batches", p.PublicID) }

// Done is how many have an outcome.
func (p batchPage) Done() int { return p.Wanted - p.Left() }

func (con codeHandlers) batchOf(req *request) (page batchPage, err error) {
	if page.Of, err = con.ofKind(req, campaigns.Batch, campaigns.Personal); err != nil {
		return page, err
	}
	page.Batch, err = con.deps.Identity.CodeBook.BatchOf(req.Ctx(), page.Of.Key, req.Gin.Param("id"))
	return page, err
}

func (con codeHandlers) batch(req *request) error { return con.showBatch(req, http.StatusOK, nil) }

func (con codeHandlers) showBatch(req *request, status int, told *pages.Told) error {
	page, err := con.batchOf(req)
	if err != nil {
		return err
	}
	if err := con.refusals(req, &page); err != nil {
		return err
	}
	if code := decisions.CodeKey(req.Query("code")); code != "" && page.Kind == codes.Unbound {
		list, err := con.deps.Identity.CodeBook.CodesOf(req.Ctx(), codes.Query{Campaign: page.Of.Key,
			BatchID: page.ID, Code: code, Limit: 1})
		if err != nil {
			return err
		}
		if len(list) > 0 {
			page.Code = &list[0]
		}
	}
	if req.may("campaigns", "manage") {
		page.Moves = map[codes.Status][]codes.Status{codes.Running: {codes.Paused, codes.Stopped},
			codes.Paused: {codes.Running, codes.Stopped}}[page.Status]
	}
	page.Told = told
	req.showStatus(status, "batch", req.T("batches.one")+" · "+page.Of.NameIn(req.Lang), page)
	return nil
}

// batchProgress answers a script that asks how far it is.
func (con codeHandlers) batchProgress(req *request) error {
	page, err := con.batchOf(req)
	if err != nil {
		return err
	}
	req.fragment("batch", "progress", page)
	return nil
}

// refusals reads a page of them.
func (con codeHandlers) refusals(req *request, page *batchPage) error {
	after, last := placeIn(req), int64(0)
	if page.Kind == codes.Bound {
		rows, err := con.deps.Identity.CodeBook.RowsOf(req.Ctx(), codes.RowQuery{BatchID: page.ID,
			State: codes.RowRefused, After: int(after), Limit: codesListed + 1})
		if err != nil {
			return err
		}
		for _, r := range rows {
			page.Refusals = append(page.Refusals, batchRefusal{Row: r.Row, Why: req.refusalText(r.Reason)})
		}
		if len(rows) > codesListed {
			last = int64(rows[codesListed-1].Row)
		}
	} else {
		list, err := con.deps.Identity.CodeBook.CodesOf(req.Ctx(), codes.Query{Campaign: page.Of.Key, BatchID: page.ID,
			State: codes.CodeRefused, After: after, Limit: codesListed + 1})
		if err != nil {
			return err
		}
		for _, c := range list {
			page.Refusals = append(page.Refusals, batchRefusal{Code: c.Code, Why: req.refusalText(c.Reason)})
		}
		if len(list) > codesListed {
			last = list[codesListed-1].ID
		}
	}
	if last != 0 {
		page.Refusals = page.Refusals[:codesListed]
		page.Next = page.Address() + "?" + url.Values{"after": {codePlaces.Write(cursor.Place{ID: last})}}.Encode()
	}
	if after != 0 {
		page.First = page.Address()
	}
	return nil
}

// refusalText says why nothing came of a row or a code: in words of its own, in those of the refusal, or as the shop
// said it.
func (req *request) refusalText(reason string) string {
	for _, key := range []string{"batches.why." + reason, "problem." + reason + ".title"} {
		if req.Base.Words.Knows(key) {
			return req.T(key)
		}
	}
	return reason
}

// moveBatch pauses a batch, lets it go on, or stops it.
func (con codeHandlers) moveBatch(req *request) error {
	key, id := req.Gin.Param("key"), req.Gin.Param("id")
	_, err := con.deps.Identity.Codes.SetStatus(req.Ctx(), req.Who, key, id, codes.Status(req.Field("to")),
		domain.TypedNote(req.Field("reason")))
	if err != nil {
		if !req.may("campaign_codes", "read") {
			return err
		}
		return req.stay(err, func(status int, told *pages.Told) error { return con.showBatch(req, status, told) })
	}
	req.redirect(campaignAddress(key, "batches", id))
	return nil
}

// confirmStop asks once more: what was stopped does not go on.
func (con codeHandlers) confirmStop(req *request) error {
	page, err := con.batchOf(req)
	if err != nil {
		return err
	}
	if page.Status != codes.Running && page.Status != codes.Paused {
		req.redirect(page.Address())
		return nil
	}
	req.showStatus(http.StatusOK, "batch-stop", req.T("batches.stop.title"), page)
	return nil
}

// tableWords are the reader's own, and values as pages write them.
func (req *request) tableWords(c campaigns.Campaign) pages.TableWords {
	return pages.TableWords{Column: func(name string) string { return req.T("batches.column." + name) },
		Status: func(s codes.CodeStatus) string { return req.T("code.status." + string(s)) },
		Value:  func(n int64) string { return req.ValueText(c.Offer.Value, n) }}
}

// batchFile sends the codes that were made. That somebody took them is on record before the first of them is sent.
func (con codeHandlers) batchFile(req *request) error {
	page, err := con.batchOf(req)
	if err != nil {
		return err
	}
	if err := req.read(domain.ActionBatchExported, "", map[string]any{"campaign": page.Of.Key, "batch": page.PublicID,
		"codes": page.Made}); err != nil {
		return err
	}
	table, err := pages.NewCodeTable(req.Ctx(), con.deps.Identity.CodeBook, page.Of.Key, page.Batch,
		req.tableWords(page.Of))
	if err != nil {
		return err
	}
	req.Gin.Header("Cache-Control", "no-store")
	req.attach(table.Name(), "text/csv; charset=utf-8")
	if err := table.Write(req.Ctx(), breathing{req}); err != nil {
		// What was sent is no whole file: the connection breaks off, so that nobody takes it for one.
		if gone := req.Ctx().Err(); gone != nil {
			err = gone
		}
		req.console.deps.Hooks.Refused(req.Gin, err)
		panic(fmt.Errorf("send the codes of a batch: %w", err))
	}
	return nil
}
