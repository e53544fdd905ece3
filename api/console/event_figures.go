package console

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/templates"
)

// silent reports whether a figure says nothing.
func silent(figure any) bool { return fmt.Sprint(figure) == "" }

// figureAccess names what was refused for want of a right: a page by its right, an operation by its address.
func figureAccess(req *request, e domain.AuditEntry) any {
	if right := textOf(e, "right"); right != "" {
		return right
	}
	return textOf(e, "operation")
}

func figureText(name string) figure {
	return func(_ *request, e domain.AuditEntry) any { return textOf(e, name) }
}

func textOf(e domain.AuditEntry, name string) string {
	if s, ok := e.Detail[name].(string); ok {
		return s
	}
	if n, ok := wholeNumber(e.Detail[name]); ok {
		return pages.Number(n)
	}
	return ""
}

// figureCount is a number that the sentence counts.
func figureCount(name string) figure {
	return func(_ *request, e domain.AuditEntry) any {
		if n, ok := wholeNumber(e.Detail[name]); ok {
			return pages.Quantity(n)
		}
		return templates.Quantity{Words: textOf(e, name)}
	}
}

func figurePoints(name string) figure {
	return func(req *request, e domain.AuditEntry) any {
		n, _ := wholeNumber(e.Detail[name])
		return req.Points(n)
	}
}

// figureProblem words the refusal that stands in a line.
func figureProblem(name string) figure {
	return func(req *request, e domain.AuditEntry) any {
		code, _ := e.Detail[name].(string)
		return req.problemTitle(code)
	}
}

// problemTitle words a refusal by its code; one that nobody knows any more stands for itself.
func (req *request) problemTitle(code string) string {
	if !slices.Contains(domain.Codes(), domain.Code(code)) {
		return code
	}
	return req.console.deps.Hooks.Say(req.Lang, domain.Refuse(domain.Code(code))).Title
}

// figureDiffers words what of a code somebody changed in the shop.
func figureDiffers(req *request, e domain.AuditEntry) any {
	return strings.Join(req.listed(e, "differs", "differs."), req.T("differs.and"))
}

// listed words a list of an entry's detail.
func (req *request) listed(e domain.AuditEntry, name, words string) (said []string) {
	list, _ := e.Detail[name].([]any)
	for _, one := range list {
		what, _ := one.(string)
		said = append(said, req.known(words, what))
	}
	return said
}

func figureReason(req *request, e domain.AuditEntry) any {
	given, _ := e.Detail["reason"].(string)
	return req.known("reason.", given)
}

func figureOutcome(req *request, e domain.AuditEntry) any {
	decided, _ := e.Detail["outcome"].(string)
	return req.known("decided.", decided)
}

// figureBulkStatus words how a job on many coupons stands.
func figureBulkStatus(req *request, e domain.AuditEntry) any {
	return req.known("bulk.status.", textOf(e, "after"))
}

// figureRefused words why an identity was refused.
func figureRefused(req *request, e domain.AuditEntry) any {
	reason, _ := e.Detail["reason"].(string)
	return req.known("identity.why_", reason)
}

func figureRole(name string) figure {
	return func(req *request, e domain.AuditEntry) any {
		role, _ := e.Detail[name].(string)
		return req.known("role.", role)
	}
}

func figureOrder(req *request, e domain.AuditEntry) any {
	if name, _ := e.Detail["order"].(string); name != "" {
		return name
	}
	return req.T("event.order_unnamed")
}

// wholeNumber reads a number that may have been through JSON.
func wholeNumber(value any) (int64, bool) {
	switch n := value.(type) {
	case int64:
		return n, true
	case int:
		return int64(n), true
	case float64:
		return int64(n), true
	case json.Number:
		i, err := n.Int64()
		return i, err == nil
	default:
		return 0, false
	}
}
