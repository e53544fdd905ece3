package console

import (
	"errors"
	"net/http"
	"strconv"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/bulk"
)

type bulkJobsPage struct {
	Rows  []bulk.Job
	Older string
}

// bulkJobs lists jobs, newest first.
func (con bulkHandlers) bulkJobs(req *request) error {
	before, _ := strconv.ParseInt(req.Query("before"), 10, 64)
	list, err := con.deps.BulkBook.Jobs(req.Ctx(), max(before, 0), bulkShown+1)
	if err != nil {
		return err
	}
	page := bulkJobsPage{Rows: list}
	if len(list) > bulkShown {
		page.Rows = list[:bulkShown]
		page.Older = bulkPath + "?before=" + pages.Number(list[bulkShown-1].ID)
	}
	req.show("bulk-jobs", req.T("bulk.jobs"), page)
	return nil
}

// bulkPage is one job with what became of each coupon.
type bulkPage struct {
	bulk.Job
	Rows []bulk.Row
	// MayApprove says that the visitor can be the second person.
	MayApprove bool
	Told       *pages.Told
}

// On says that the page is asked for again by itself.
func (p bulkPage) On() bool { return p.Status == bulk.Running }

// Settled is how many coupons have an outcome.
func (p bulkPage) Settled() int { return p.Done + p.Refused }

func (con bulkHandlers) bulkJob(req *request) error { return con.showJob(req, http.StatusOK, nil) }

func (con bulkHandlers) showJob(req *request, status int, told *pages.Told) error {
	j, err := con.deps.BulkBook.Job(req.Ctx(), req.Gin.Param("id"))
	if err != nil {
		return err
	}
	page := bulkPage{Job: j, Told: told, MayApprove: j.Approvable(req.Who) && req.may("approvals", "decide")}
	if page.Rows, err = con.deps.BulkBook.Rows(req.Ctx(), j.ID); err != nil {
		return err
	}
	if err := req.read(domain.ActionCouponsFound, "", found(len(page.Rows))); err != nil {
		return err
	}
	req.showStatus(status, "bulk-job", req.T("bulk.one", j.PublicID), page)
	return nil
}

func (con bulkHandlers) approve(req *request) error {
	_, err := con.deps.Bulk.Approve(req.Ctx(), req.Who, req.Gin.Param("id"))
	return con.moved(req, err)
}

func (con bulkHandlers) move(req *request) error {
	_, err := con.deps.Bulk.SetStatus(req.Ctx(), req.Who, req.Gin.Param("id"), bulk.Status(req.Field("to")))
	return con.moved(req, err)
}

// moved leads back to the job, which shows what has become of it, with what was refused.
func (con bulkHandlers) moved(req *request, err error) error {
	var refusal *domain.Error
	switch {
	case err == nil:
		req.redirect(bulkPath + "/" + req.Gin.Param("id"))
		return nil
	case errors.As(err, &refusal) && refusal.Code != domain.CodeInternal && refusal.Code != domain.CodeBulkNotFound:
		con.deps.Hooks.Refused(req.Gin, err)
		told := con.deps.Hooks.Say(req.Lang, req.readable(refusal))
		return con.showJob(req, told.Status, &told)
	default:
		return err
	}
}
