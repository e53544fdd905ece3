package console

import (
	"strings"

	"pointbridge/domain"
)

// restoredFrom is what stood outside of a coupon when it was restored, in words.
type restoredFrom struct {
	POS, Shop, Metafield string
	// Doubts are what does not agree, Differs what of the code in the shop is not as it was made.
	Doubts, Differs []string
}

// restoredFrom reads the newest restoration in a coupon's history; nil where it was never restored.
func (req *request) restoredFrom(history []domain.AuditEntry) *restoredFrom {
	var newest *domain.AuditEntry
	for i, e := range history {
		if e.Action == domain.ActionBooksRestored && (newest == nil || e.At.After(newest.At)) {
			newest = &history[i]
		}
	}
	if newest == nil {
		return nil
	}
	return &restoredFrom{POS: req.outside(*newest, "pos"), Shop: req.outside(*newest, "shop"),
		Metafield: req.shownAs(*newest), Doubts: req.listed(*newest, "doubts", "doubt."),
		Differs: req.listed(*newest, "differs", "differs.")}
}

// nothingOutside is how the audit calls what was not found.
const nothingOutside = "nothing"

func (req *request) outside(e domain.AuditEntry, where string) string {
	if said := textOf(e, where); said != "" && said != nothingOutside {
		return said
	}
	return req.T("restored.nothing")
}

func (req *request) shownAs(e domain.AuditEntry) string {
	return req.known("status.", req.outside(e, "metafield"))
}

// listed words a list that stands in the audit as one text.
func (req *request) listed(e domain.AuditEntry, name, words string) (list []string) {
	for one := range strings.SplitSeq(textOf(e, name), ", ") {
		if one != "" {
			list = append(list, req.known(words, one))
		}
	}
	return list
}

func figureOutside(where string) figure {
	return func(req *request, e domain.AuditEntry) any { return req.outside(e, where) }
}

func figureShownAs(req *request, e domain.AuditEntry) any { return req.shownAs(e) }
