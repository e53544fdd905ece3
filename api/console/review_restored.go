package console

import (
	"slices"

	"pointbridge/domain"
	"pointbridge/domain/books"
)

// restoredFrom is what stood outside of a coupon when it was restored, in words.
type restoredFrom struct {
	POS, Shop, Metafield string
	// Doubts are what does not agree, Differs what of the code in the shop is not as it was made.
	Doubts, Differs []string
}

// restoredFrom reads the newest restoration in a coupon's history; nil where it was never restored.
func (req *request) restoredFrom(history []domain.AuditEntry) *restoredFrom {
	for _, e := range slices.Backward(history) {
		if e.Action == domain.ActionBooksRestored {
			return &restoredFrom{POS: req.outside(e, "pos"), Shop: req.outside(e, "shop"), Metafield: req.shownAs(e),
				Doubts: req.listed(e, "doubts", "doubt."), Differs: req.listed(e, "differs", "differs.")}
		}
	}
	return nil
}

func (req *request) outside(e domain.AuditEntry, where string) string {
	if said := textOf(e, where); said != "" && said != books.Nothing {
		return said
	}
	return req.T("restored.nothing")
}

func (req *request) shownAs(e domain.AuditEntry) string {
	return req.known("status.", req.outside(e, "metafield"))
}

func figureOutside(where string) figure {
	return func(req *request, e domain.AuditEntry) any { return req.outside(e, where) }
}

func figureShownAs(req *request, e domain.AuditEntry) any { return req.shownAs(e) }
