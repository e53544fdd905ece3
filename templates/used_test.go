package templates_test

import (
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/bulk"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/coupons"
	"pointbridge/domain/decisions"
	"pointbridge/domain/doctor"
	"pointbridge/domain/events"
	"pointbridge/domain/identity"
	"pointbridge/domain/members"
	"pointbridge/domain/notices"
	"pointbridge/domain/notifications"
	"pointbridge/domain/openings"
	"pointbridge/domain/reports"
	"pointbridge/domain/requests"
	"pointbridge/domain/reviews"
	"pointbridge/domain/staff"
	"pointbridge/templates"
)

// family is every text whose key is put together: a beginning that stands in the code, and a machine's word.
type family struct {
	prefix string
	words  []string
}

// families are the texts for the machine's words. The words come from the domain where it lists them.
func families() []family {
	problems := []string{}
	for _, code := range domain.Codes() {
		for _, part := range []string{".title", ".detail", ".detail_2", ".detail_3"} {
			problems = append(problems, string(code)+part)
		}
	}
	decided, outcomes := []string{}, []string{}
	for _, kind := range reviews.Kinds() {
		for _, o := range kind.Outcomes() {
			decided, outcomes = append(decided, string(o)), append(outcomes, string(o), string(o)+".what")
		}
	}
	refused := []string{}
	for _, code := range domain.Codes() {
		refused = append(refused, string(code), string(code)+".detail")
	}
	reasons := []string{staff.ReasonDisabled, staff.ReasonEmail, staff.ReasonInvalid, staff.ReasonLink,
		staff.ReasonNoRole}
	kinds := named(reviews.Kinds())
	return []family{
		{"audit.outcome.", []string{domain.OutcomeDone, domain.OutcomeRefused, domain.OutcomeUnknown}},
		{"blocked.", domain.AuditActions()},
		{"books.", named(books.Kinds())},
		{"coupons.column.", []string{"customer", "amount", "points", "status", "issued", "ends", "cancelled", "by", "reason",
			"order", "failure"}},
		{"coupons.filter.", append(named(domain.Statuses()), "on_the_way")},
		{"coupons.on.", []string{"issued", "cancelled", "refused"}},
		{"coupons.sort.", []string{"amount", "amount_least", "end", "end_last", "newest", "oldest", "points",
			"points_least"}},
		{"range.", named(reports.Ranges())},
		{"refunds.by.", named([]reports.By{reports.ByDay, reports.ByPerson, reports.ByReason})},
		{"dashboard.", []string{"issued", "used", "cancelled", "expired"}},
		{"dashboard.setup.", []string{"currency", "scope", "timezone"}},
		{"dashboard.light.", named([]doctor.Name{doctor.POS, doctor.Shop, doctor.Mail, doctor.Settings})},
		{"campaigns.", []string{"key", "names", "prefix"}},
		{"batches.column.", []string{"code", "row", "status", "uses", "value"}},
		{"batches.field.", []string{"csv", "recipient", "email", "customer_id", "shopify_customer_id", "value"}},
		{"batches.shop.", append(named([]codes.Standing{codes.ShopOn, codes.ShopOff, codes.ShopAsking, codes.ShopGone,
			codes.ShopRemoving, codes.ShopRemoved}), "none")},
		{"batches.status.", named([]codes.Status{codes.Running, codes.Paused, codes.Stopped, codes.Done})},
		{"batches.to.", named([]codes.Status{codes.Running, codes.Paused, codes.Stopped})},
		{"batches.why.", []string{codes.ByPerson, codes.ByCampaign, codes.DiscountGone, codes.TooManyRefused,
			codes.TookTooLong, codes.TakenByOther, codes.ReasonTwice, "stopped"}},
		{"batches.wrong.", []string{"count.range", "csv.csv", "csv.header", "csv.needed", "csv.too_long", "csv.too_many"}},
		{"code.status.", named(codes.CodeStatuses())},
		{"codes_of.what.", []string{"batch", "personal", "shared"}},
		{"issue.kind.", []string{"email", "shopify_customer_id", "customer_id"}},
		{"campaign.status.", named(append(campaigns.Statuses(), decisions.CampaignNotStarted))},
		{"campaign.to.", []string{"live", "paused", "ended"}},
		{"decided.", decided},
		{"decision.code.", []string{"absent", "valid", "unknown", "expired", "cancelled", "used"}},
		{"decision.held.", []string{"yes", "no", "unknown"}},
		{"decision.rule.", named(decisions.Needs())},
		{"decision.outcome.", named(decisions.Outcomes())},
		{"decision.owner.", []string{"anybody", "same", "other", "unknown"}},
		{"decision.signal.", append(named(identity.Counted()), "customer", "name", "disposable_domain", "close_in_time",
			"many_emails_per_ip")},
		{"decision.stage.", named(decisions.Stages())},
		{"decision.strength.", []string{"decisive", "counted", "weak"}},
		{"decision.verdict.", []string{"abuse", "not_abuse"}},
		{"decision.why.", named(decisions.Reasons())},
		{"decisions.state.", []string{"waiting", "judged", "all"}},
		{"import.", named(members.Reasons())},
		{"policy.field.", []string{"preset", "mode", "signals", "alone", "threshold", "uses_per_person", "currencies",
			"new_customers_only", "weak", "messages", "offer", "conditions", "unanswered", "uses_in_all", "uses_per_code"}},
		{"policy.", []string{"unanswered.refuse", "unanswered.allow"}},
		{"campaign.move.", []string{"live", "paused", "ended", "switched_off", "refused", "kept", "elsewhere", "live.title", "paused.title", "ended.title"}},
		{"campaign_form.", formWords()},
		{"campaign_form.codes.", append(named(campaigns.CodeKinds()), "found.what", "personal.what", "batch.what",
			"shared.what")},
		{"campaign_form.condition.", []string{"rule", "key", "values", "number"}},
		{"campaign_form.need.", named(decisions.Needs())},
		{"campaign_form.no_limit.", limits()},
		{"campaign_form.rule.", named(decisions.Needs())},
		{"campaign_form.unit.", []string{"minutes", "hours", "days", "seconds"}},
		{"campaign_form.wrong.", []string{"ends_at.needed", "ends_at.range", "value_min.range", "validity_min.range"}},
		{"doctor.check.", after("check.", doctor.Words())},
		{"doctor.do.", after("do.", doctor.Words())},
		{"doctor.is.", after("is.", doctor.Words())},
		{"doctor.says.", after("says.", doctor.Words())},
		{"doubt.", named(books.Doubts())},
		{"duration.", []string{"days", "hours", "minutes", "seconds"}},
		{"rules.codes.", []string{"personal", "batch", "shared"}},
		{"rules.need.", named(decisions.Needs())},
		{"rules.self.", []string{"true", "false"}},
		{"rules.unanswered.", []string{"refuse", "allow"}},
		{"policy.is.", []string{"true", "false"}},
		{"policy.mode.", []string{"off", "shadow", "enforce", "off.what", "shadow.what", "enforce.what"}},
		{"policy.none.", []string{"signals", "alone", "currencies", "messages"}},
		{"policy.preset.", append(named(decisions.Presets()), "basic.what", "medium.what", "high.what", "custom.what")},
		{"policy.weak.", []string{"disposable_domain", "similar_name", "within_minutes", "emails_per_ip"}},
		{"decision.reason.", named(decisions.Reasons())},
		{"differs.", []string{coupons.DiffersAmount, coupons.DiffersCode, coupons.DiffersCombination,
			coupons.DiffersCustomer, coupons.DiffersEnd, coupons.DiffersItems, coupons.DiffersMinimum, coupons.DiffersStatus,
			coupons.DiffersUsageLimit}},
		{"ending.", []string{"cancel.confirm", "cancel.do", "cancel.do_free", "cancel.points", "cancel.title",
			"suspend.confirm", "suspend.do", "suspend.do_free", "suspend.points", "suspend.title"}},
		{"endpoints.kind.", named(events.Kinds())},
		{"endpoints.reason.", []string{"address_inside", "unavailable", "unknown", "unsendable"}},
		{"endpoints.state.", []string{"new", "waiting", "delivered", "given_up"}},
		{"event.", domain.AuditActions()},
		{"event.by_", []string{"extension", "storefront"}},
		{"identity.why_", reasons},
		{"mails.", mailKinds()},
		{"mails.is.", named(notices.States())},
		{"mails.why.", notices.Reasons()},
		{"move.", named([]domain.MovementKind{domain.Take, domain.GiveBack, domain.Grant, domain.TakeBack})},
		{"move.state.", named([]domain.MovementState{
			domain.MovementOpen, domain.MovementRefused, domain.MovementParked})},
		{"notice.", named([]staff.NoticeKind{staff.NoticePassword, staff.NoticeTOTPOn, staff.NoticeTOTPOff,
			staff.NoticePasskeyOn, staff.NoticePasskeyOff, staff.NoticeReset, staff.NoticeRecovery, staff.NoticeToken,
			staff.NoticeKey, staff.NoticeRole, staff.NoticeEmail, staff.NoticeNewDevice, staff.NoticeCampaigns,
			staff.NoticeDigest})},
		{"notice.digest.", named(notifications.Mailed())},
		{"bulk.kind.", named(bulk.Kinds())}, {"bulk.does.", named(bulk.Kinds())}, {"bulk.do.", named(bulk.Kinds())},
		{"bulk.status.", named(bulk.Statuses())},
		{"bulk.row.", named([]bulk.RowState{bulk.RowWaiting, bulk.RowDone, bulk.RowRefused})},
		{"care.", []string{"key", "token", "disable", "password", "second_factor", "totp", "recovery", "passkey",
			"decision", "verdict", "bulk_stop", "secret"}},
		{"help.", helpWords()},
		{"request.state.", named(requests.States())},
		{"opening.", named(openings.Faults())},
		{"outcome.", outcomes},
		{"outcome.free.", []string{"accept_loss.what", "forfeit.what", "return_points.what"}},
		{"payment.", named(domain.Payments())},
		{"problem.", problems},
		{"progress.", []string{"deactivated", "done", "held", "made", "returned", "taken", "waited"}},
		{"progress.is.", []string{"done", "later", "now"}},
		{"reason.", domain.EndingReasons()},
		{"review.happened.", append(kinds, reviews.ReasonUnreadable, reviews.LookSecondOrder, reviews.LookOtherCustomer,
			reviews.LookNoCustomer)},
		{"review.kind.", kinds},
		{"review.matched.", named([]reviews.MatchedBy{
			reviews.MatchedMember, reviews.MatchedEmail, reviews.MatchedPhone})},
		{"review.reason.", reviews.Reasons()},
		{"review.signal.", named(reviews.Signals())},
		{"role.", named(domain.Roles())},
		{"rule.", nil}, // any word that the code names
		{"rule.", []string{campaigns.RulePoints, decisions.RuleRange, decisions.RuleTooMany, decisions.RuleTooLong,
			decisions.RuleNotOn, decisions.RuleThreshold, decisions.RuleNotThere, campaigns.RuleSettled,
			campaigns.RuleNotForCodes, codes.RuleHeader, codes.RuleEither,
			events.RuleHTTPS, events.RuleOutside, events.RuleNoLogin, events.RuleTaken, "off", "url"}},
		{"members.show.", []string{members.ListLocked, members.ListUnlinked}},
		{"search.by.", named(members.TermKinds())},
		{"secret.", []string{"endpoint", "key", "password", "token"}},
		{"sign_in.provider_", append(reasons, "browser", "denied")},
		{"staff.field.", []string{"customer_id", "email", "expires", "name", "owner", "path.id", "role"}},
		{"status.", named(domain.Statuses())},
		{"template.", templateWords()},
		{"wallet.refused.", refused},
		{"wallet.status.", []string{"active", "used", "expired", "cancelled"}},
		{"wallet.points.", []string{"forfeited", "held", "returned", "returning", "taken_again"}},
	}
}

// helpWords are what the help of each page is called, and what it says.
func helpWords() (words []string) {
	for _, topic := range []string{"coupons", "coupon", "ending", "customer", "reviews", "requests", "bulk", "decisions",
		"campaigns", "codes", "dashboard", "audit", "staff", "account", "members", "convert", "refunds", "events", "mails"} {
		words = append(words, topic, topic+".what")
	}
	return words
}

func limits() []string { return []string{"uses_in_all", "uses_per_code", "uses_per_person"} }

// formWords are the fields of a campaign's form, and what is said beside them.
func formWords() []string {
	words := append(limits(), "key", "prefix", "codes", "name_ja", "name_en", "currency", "value_min", "value_max", "starts_at",
		"ends_at", "validity_min", "validity_max", "live_per_person", "points", "sweep_after", "currencies", "conditions")
	for _, hinted := range []string{"key", "prefix", "value_min", "value_max", "ends_at", "validity_max", "points",
		"currencies"} {
		words = append(words, hinted+".hint")
	}
	return words
}

func templateWords() (words []string) {
	for _, key := range campaigns.TemplateKeys() {
		words = append(words, string(key), string(key)+".what")
	}
	return words
}

func mailKinds() []string {
	return named(domain.MailKinds())
}

// after are the words that begin so, without the beginning.
func after(prefix string, words []string) (rest []string) {
	for _, word := range words {
		if tail, ok := strings.CutPrefix(word, prefix); ok {
			rest = append(rest, tail)
		}
	}
	return rest
}

func named[T ~string](list []T) (names []string) {
	for _, one := range list {
		names = append(names, string(one))
	}
	return names
}

func TestNoTextIsUnusedAndNoneIsMissing(t *testing.T) {
	t.Parallel()
	catalogue, err := templates.Texts()
	if err != nil {
		t.Fatal(err)
	}
	named := literals(t)
	for _, f := range families() {
		if !named[f.prefix] {
			t.Errorf("no code and no template puts a key together from %q", f.prefix)
		}
	}
	for _, key := range catalogue.Keys() {
		if !named[key] && !inFamily(key, named) {
			t.Errorf("%q is said nowhere", key)
		}
	}
	for key := range asked(t) {
		if !catalogue.Knows(key) {
			t.Errorf("%q is asked for and said in no language", key)
		}
	}
}

// inFamily reports whether a key is put together from a beginning and a word that belongs to it.
func inFamily(key string, named map[string]bool) bool {
	return slices.ContainsFunc(families(), func(f family) bool {
		word, ok := strings.CutPrefix(key, f.prefix)
		return ok && (slices.Contains(f.words, word) || f.words == nil && named[word])
	})
}

// eachSource walks the code and the templates that say texts, without the tests and the catalogue.
func eachSource(t *testing.T, look func(path, text string)) {
	t.Helper()
	says := []string{".go", ".html", ".tmpl"}
	for _, root := range []string{"../api", "../app", "../commands", "../integrations/mail", "."} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !slices.Contains(says,
				filepath.Ext(path)) {
				return err
			}
			raw, err := os.ReadFile(path)
			look(path, string(raw))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

var quoted = regexp.MustCompile(`"([A-Za-z0-9_.]+)"`)

// literals are all string literals in code and templates.
func literals(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	eachSource(t, func(path, text string) {
		if filepath.Ext(path) != ".go" {
			for _, m := range quoted.FindAllStringSubmatch(text, -1) {
				all[m[1]] = true
			}
			return
		}
		if _, err := parser.ParseFile(token.NewFileSet(), path, text, parser.SkipObjectResolution); err != nil {
			t.Error(err)
		}
		for _, literal := range stringsOf(text) {
			all[literal] = true
		}
	})
	if len(all) < 1000 {
		t.Fatalf("%d literals", len(all))
	}
	return all
}

func stringsOf(source string) (list []string) {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(source)), []byte(source), nil, 0)
	for {
		switch _, kind, text := s.Scan(); kind {
		case token.EOF:
			return list
		case token.STRING:
			if value, err := strconv.Unquote(text); err == nil {
				list = append(list, value)
			}
		default:
		}
	}
}

// sayings are the calls that take a whole key.
var sayings = regexp.MustCompile(
	`(?:\.T|\.HTML|\.Form|\.t|\.Say|\.Fill|\.optional)[ (](?:[a-z.]+, )?"([a-z][a-z0-9_.]*[a-z0-9])"`)

// asked are the keys that code and templates ask for in full.
func asked(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	eachSource(t, func(_, text string) {
		for _, m := range sayings.FindAllStringSubmatch(text, -1) {
			all[m[1]] = true
		}
	})
	if len(all) < 300 {
		t.Fatalf("%d keys are asked for", len(all))
	}
	return all
}

// TestWhatWasRefusedHasAWordOnTheDashboard, where refusals are counted by what was asked for.
func TestWhatWasRefusedHasAWordOnTheDashboard(t *testing.T) {
	t.Parallel()
	catalogue, err := templates.Texts()
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range domain.AuditActions() {
		ends := strings.HasSuffix(action, "refused") || strings.HasSuffix(action, "failed")
		if ends && !catalogue.Knows("blocked."+action) {
			t.Errorf("the dashboard has no word for %s", action)
		}
	}
}
