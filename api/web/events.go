package web

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"pointbridge/domain"
)

// event is a line of the record in words.
type event struct {
	At time.Time
	// By is who did it; empty for what the service did by itself.
	By      string
	Text    string
	Outcome string
	// Action is the line's own name, shown where there are no words for it.
	Action    string
	Unknown   bool
	Emergency bool
}

// figure words one figure of a line's detail.
type figure func(v *visit, e domain.AuditEntry) string

// eventFigures says which figures stand in the places {0}, {1}, … of each action's sentence, "event." and the action.
var eventFigures = map[string][]figure{
	"conversion.started":       {figurePoints("points"), figureText("reference")},
	"conversion.failed":        {figureProblem("code")},
	"conversion.refused":       {figureProblem("code")},
	"points.taken":             {figurePoints("points"), figureText("reference")},
	"points.given_back":        {figurePoints("points"), figureText("reference")},
	"points.granted":           {figurePoints("points"), figureText("reference")},
	"points.taken_back":        {figurePoints("points"), figureText("reference")},
	"points.grant_refused":     nil,
	"points.take_back_refused": nil,
	"coupon.activated":         nil,
	"coupon.used":              {figureOrder},
	"coupon.expired":           nil,
	"coupon.suspended":         {figureReason},
	"cancellation.started":     {figureReason},
	"cancellation.refused":     {figureProblem("problem")},
	"suspension.refused":       {figureProblem("problem")},
	"refund.refused":           {figureProblem("problem")},
	"decision.refused":         {figureProblem("problem")},
	"refund.started":           {figurePoints("points"), figureText("reference")},
	"discount.deactivated":     nil,
	"discount.refused":         nil,
	"discount.removed":         nil,
	"discount.changed":         {figureDiffers},
	"discount.deleted":         nil,
	"discount.revived":         nil,
	"discount.end_lost":        nil,
	"movement.parked":          {figureText("reference")},
	"order.seen":               {figureOrder},
	"order.voided":             {figureOrder},
	"order.code_lost":          {figureOrder},
	"order.second_use":         {figureOrder},
	"order.names_code":         {figureOrder},
	"order.test":               {figureOrder},
	"order.unpaid":             {figureOrder},
	"reissue.started":          nil,
	"reissue.failed":           nil,
	"reminder.due":             {figureText("days")},
	"review.proposed":          {figureOutcome},
	"review.decided":           {figureOutcome},
	"review.auto":              {figureOutcome},
	"customer.linked":          nil,
	"customer.locked":          {figureText("refusals")},
	"customer.unlocked":        nil,
	// What belongs to no coupon stands in the audit alone.
	"customer.updated":        nil,
	"order.deleted":           {figureOrder},
	"order.unreadable":        {figureOrder},
	"customer.erased":         nil,
	"customer.merged":         nil,
	"customer.unlinked":       nil,
	"erasure.announced":       {figureText("members")},
	"erasure.withdrawn":       nil,
	"erasure.approved":        nil,
	"erasure.stopped":         nil,
	"shop.uninstall_reported": nil,
	"shop.uninstalled":        nil,
	"shop.installed_again":    nil,
	"access.refused":          {figureAccess},
	"alert.unknown_codes":     nil,
	"books.repaired":          nil,
	"key.created":             {figureText("name")},
	"key.revoked":             {figureText("prefix")},
	"policy.changed":          nil,
	"policy.recorded":         nil,
	"rights.changed":          nil,
	"session.opened":          nil,
	"session.refused":         nil,
	"session.ended":           nil,
	"session.all_ended":       nil,
	"staff.added":             {figureText("name")},
	"staff.changed":           {figureText("staff")},
	"staff.password_set":      {figureText("staff")},
	"token.added":             {figureText("name")},
	"token.revoked":           {figureText("staff")},
	"audit.key_changed":       nil,
	"audit.export_begun":      nil,
	"audit.exported":          {figureText("found")},
	"coupon.read":             nil,
	"coupons.searched":        {figureText("found")},
	"customer.coupons_read":   nil,
	"customer.read":           nil,
	"privacy.exported":        nil,
	"report.exported":         {figureText("found")},
	"review.read":             nil,
	"reviews.searched":        {figureText("found")},
	"token.refused":           {figureText("staff")},
	"customer.refused":        nil,
	"session.by_provider":     {figureText("how")},
	"identity.refused":        {figureRefused},
	"identity.linked":         {figureText("staff")},
	"identity.link_allowed":   {figureText("staff")},
	"identity.role_changed":   {figureText("staff"), figureRole("role_before"), figureRole("role")},
	"identity.suspended":      {figureText("staff")},
	"identity.resumed":        {figureText("staff")},

	"session.half_way":              nil,
	"session.second_factor_refused": nil,
	"session.confirmed":             nil,
	"session.confirmation_refused":  nil,
	"session.others_ended":          nil,
	"staff.password_changed":        nil,
	"staff.totp_added":              nil,
	"staff.totp_removed":            nil,
	"staff.passkey_added":           {figureText("name")},
	"staff.passkey_removed":         nil,
	"staff.recovery_renewed":        nil,
	"staff.second_factor_reset":     {figureText("staff")},
}

// eventKey is the key of an action's sentence.
func eventKey(action string) string { return "event." + action }

// events words the lines of a history, oldest first.
func (v *visit) events(history []domain.AuditEntry) []event {
	list := make([]event, 0, len(history))
	for _, e := range history {
		list = append(list, v.event(e))
	}
	return list
}

// by names who did something: staff and programs by their own names, a customer by the way they came.
func (v *visit) by(e domain.AuditEntry) string {
	if e.ActorName == "" {
		return e.Actor
	}
	if domain.ByShop(e.Actor) {
		if said, err := v.web.words.say(v.lang, "event.by_"+e.ActorName); err == nil {
			return said
		}
	}
	return e.ActorName
}

func (v *visit) event(e domain.AuditEntry) event {
	figures, known := eventFigures[e.Action]
	line := event{At: e.At, Outcome: e.Outcome, Action: e.Action, Unknown: !known, Emergency: e.Detail["emergency"] == true}
	if e.Actor != domain.System().ID {
		line.By = v.by(e)
	}
	if !known {
		line.Text = v.t("event.other")
		return line
	}
	args := make([]any, 0, len(figures))
	for _, f := range figures {
		args = append(args, f(v, e))
	}
	line.Text = v.t(eventKey(e.Action), args...)
	if n, several := wholeNumber(e.Detail["times"]); several {
		if slices.Contains(args, any("")) { // what they were each about is not the same, so no sentence fits all
			line.Text = ""
		}
		line.Text = strings.TrimSpace(line.Text + " " + v.t("event.times", n))
	}
	if e.Detail["odd"] == true {
		line.Text += " " + v.t("event.odd")
	}
	return line
}

// figureAccess names what was refused for want of a right: a page by its right, an operation by its address.
func figureAccess(v *visit, e domain.AuditEntry) string {
	if right := figureText("right")(v, e); right != "" {
		return right
	}
	return figureText("operation")(v, e)
}

func figureText(name string) figure {
	return func(_ *visit, e domain.AuditEntry) string {
		if s, ok := e.Detail[name].(string); ok {
			return s
		}
		if n, ok := wholeNumber(e.Detail[name]); ok {
			return number(n)
		}
		return ""
	}
}

func figurePoints(name string) figure {
	return func(v *visit, e domain.AuditEntry) string {
		n, _ := wholeNumber(e.Detail[name])
		return (&view{v: v}).Points(n)
	}
}

// problem words the refusal that stands in a line.
func figureProblem(name string) figure {
	return func(v *visit, e domain.AuditEntry) string {
		code, _ := e.Detail[name].(string)
		if !slices.Contains(domain.Codes(), domain.Code(code)) {
			return code
		}
		return v.web.deps.Hooks.Say(v.lang, domain.Refuse(domain.Code(code))).Title
	}
}

// figureDiffers words what of a code somebody changed in the shop.
func figureDiffers(v *visit, e domain.AuditEntry) string {
	var words []string
	list, _ := e.Detail["differs"].([]any)
	for _, one := range list {
		what, _ := one.(string)
		words = append(words, v.known("differs.", what))
	}
	return strings.Join(words, v.t("differs.and"))
}

func figureReason(v *visit, e domain.AuditEntry) string {
	given, _ := e.Detail["reason"].(string)
	return v.known("reason.", given)
}

func figureOutcome(v *visit, e domain.AuditEntry) string {
	decided, _ := e.Detail["outcome"].(string)
	return v.known("decided.", decided)
}

// figureRefused words why an identity was refused.
func figureRefused(v *visit, e domain.AuditEntry) string {
	reason, _ := e.Detail["reason"].(string)
	return v.known("identity.why_", reason)
}

func figureRole(name string) figure {
	return func(v *visit, e domain.AuditEntry) string {
		role, _ := e.Detail[name].(string)
		return v.known("role.", role)
	}
}

func figureOrder(v *visit, e domain.AuditEntry) string {
	if name, _ := e.Detail["order"].(string); name != "" {
		return name
	}
	return v.t("event.order_unnamed")
}

// known is the word for a value of a closed list; a value that nobody has words for stands for itself.
func (v *visit) known(list, value string) string {
	if said, err := v.web.words.say(v.lang, list+value); err == nil {
		return said
	}
	return value
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
