package codes

import (
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
)

// Bounds of a list of recipients. Each row is a coupon of its own, which costs about a tenth of a second of the shop's
// smallest budget.
const (
	MaxRows      = 10_000
	MaxCSV       = 1 << 20
	MaxRowFaults = 100
	// RuleHeader is broken by a first line that names no kind of recipient, RuleEither by a row that names none or more
	// than one, RuleCSV by what is no CSV.
	RuleHeader = "header"
	RuleEither = "either"
	RuleCSV    = "csv"
	// ReasonTwice refuses a row whose recipient stands in an earlier one.
	ReasonTwice = "recipient_twice"
)

// RowFault is a row that is wrong; rows are counted from 1, the header not among them.
type RowFault struct {
	Row   int    `json:"row"`
	Field string `json:"field"`
	Rule  string `json:"rule"`
}

// The columns, by the names that people give them.
var columns = map[string]string{
	"email": "email", "e-mail": "email", "mail": "email", "メールアドレス": "email", "メール": "email",
	"customer_id": "customer_id", "member": "customer_id", "会員番号": "customer_id", "会員id": "customer_id",
	"shopify_customer_id": "shopify_customer_id", "shopify顧客id": "shopify_customer_id", "ショッピファイ顧客id": "shopify_customer_id",
	"value": "value", "値引き額": "value", "割引額": "value", "値引き": "value",
}

var (
	emailForm   = regexp.MustCompile(`^[^\s@,;<>"]{1,64}@[^\s@,;<>"]{1,189}\.[^\s@,;<>".]{2,}$`)
	shopifyForm = regexp.MustCompile(`^(gid://shopify/Customer/)?[0-9]{1,20}$`)
)

// ReadCSV reads a list of recipients: a header in Japanese or English, and a row for each. What is wrong with any row
// refuses the whole list and names the rows; a recipient who stands there twice gets one code, and the later row is
// refused by itself. value is what rows give that say nothing.
func ReadCSV(text string, values campaigns.Range, value int64) ([]Row, error) {
	switch {
	case len(text) > MaxCSV:
		return nil, csvFault(decisions.RuleTooLong)
	case !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError):
		return nil, csvFault(RuleCSV)
	}
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	in.FieldsPerRecord, in.TrimLeadingSpace = -1, true
	header, err := in.Read()
	if err != nil {
		return nil, csvFault(RuleHeader)
	}
	names, ok := named(header)
	if !ok {
		return nil, csvFault(RuleHeader)
	}
	var rows []Row
	var faults []RowFault
	seen := map[Recipient]bool{}
	for n := 1; ; n++ {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, rowFaults([]RowFault{{n, "csv", RuleCSV}})
		}
		if n > MaxRows {
			return nil, csvFault(decisions.RuleTooMany)
		}
		row, wrong := readRow(n, names, fields, values, value)
		if faults = append(faults, wrong...); len(faults) >= MaxRowFaults {
			return nil, rowFaults(faults[:MaxRowFaults])
		}
		if seen[row.To] && row.To != (Recipient{}) {
			row = Row{Row: n, Value: row.Value, State: RowRefused, Reason: ReasonTwice}
		}
		seen[row.To] = true
		rows = append(rows, row)
	}
	if len(faults) > 0 {
		return nil, rowFaults(faults)
	}
	if len(rows) == 0 {
		return nil, csvFault(decisions.RuleNeeded)
	}
	return rows, nil
}

func csvFault(rule string) error {
	return domain.Refuse(domain.CodeValidation, "field", "csv", "rule", rule)
}

func rowFaults(list []RowFault) error {
	return domain.Refuse(domain.CodeValidation, "field", "csv", "rule", list[0].Rule, "row", list[0].Row, "rows", list)
}

// named is what each column holds; ok is false where one is there twice or none names recipients.
func named(header []string) (names []string, ok bool) {
	there := map[string]bool{}
	for _, h := range header {
		name, known := columns[strings.ToLower(strings.TrimSpace(h))]
		if !known || there[name] {
			return nil, false
		}
		there[name] = true
		names = append(names, name)
	}
	return names, there["email"] || there["customer_id"] || there["shopify_customer_id"]
}

func readRow(n int, names, fields []string, values campaigns.Range, value int64) (row Row, faults []RowFault) {
	add := func(wrong bool, field, rule string) {
		if wrong {
			faults = append(faults, RowFault{n, field, rule})
		}
	}
	row = Row{Row: n, Value: value, State: RowWaiting}
	add(len(fields) != len(names), "csv", RuleCSV)
	given := 0
	for i, name := range names[:min(len(names), len(fields))] {
		text := strings.TrimSpace(fields[i])
		if text == "" {
			continue
		}
		if name == "value" {
			v, err := strconv.ParseInt(text, 10, 64)
			add(err != nil, name, decisions.RuleForm)
			row.Value = v
			continue
		}
		given++
		add(!row.To.set(name, text), name, decisions.RuleForm)
	}
	add(given != 1, "recipient", RuleEither)
	add(!values.Holds(row.Value), "value", decisions.RuleRange)
	return row, faults
}

// set takes a recipient over in its one form; false for what has none.
func (r *Recipient) set(kind, text string) bool {
	switch kind {
	case "email":
		r.Email = strings.ToLower(text)
		return emailForm.MatchString(r.Email)
	case "customer_id":
		r.CustomerID = text
		return domain.ValidCustomerID(text)
	default:
		r.ShopifyCustomerGID = "gid://shopify/Customer/" + strings.TrimPrefix(text, "gid://shopify/Customer/")
		return shopifyForm.MatchString(text)
	}
}

// Kind names which of the three a recipient is; empty for none.
func (r Recipient) Kind() string {
	switch {
	case r.Email != "":
		return "email"
	case r.CustomerID != "":
		return "customer_id"
	case r.ShopifyCustomerGID != "":
		return "shopify_customer_id"
	default:
		return ""
	}
}

// Text is the recipient itself.
func (r Recipient) Text() string { return r.Email + r.CustomerID + r.ShopifyCustomerGID }

// RecipientOf is the one of a kind.
func RecipientOf(kind, text string) Recipient {
	switch kind {
	case "email":
		return Recipient{Email: text}
	case "customer_id":
		return Recipient{CustomerID: text}
	case "shopify_customer_id":
		return Recipient{ShopifyCustomerGID: text}
	default:
		return Recipient{}
	}
}
