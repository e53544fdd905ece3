package policies

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"pointbridge/domain"
)

// statement is one line of a policy: a right that is allowed or denied to a role, or what a role inherits from.
type statement struct {
	line   int
	role   domain.Role
	parent domain.Role // only where the role inherits
	right  right
	deny   bool
}

// right is one thing that can be allowed.
type right struct{ object, action string }

func (r right) String() string { return r.object + ":" + r.action }

// matter is what a statement is about, whether it allows or denies.
type matter struct {
	role, parent domain.Role
	right        right
}

func (s statement) about() matter { return matter{s.role, s.parent, s.right} }

func (s statement) inherits() bool { return s.parent != "" }

// casbin writes the statement as Casbin reads it.
func (s statement) casbin() string {
	if s.inherits() {
		return fmt.Sprintf("g, %s, %s\n", s.role, s.parent)
	}
	effect := "allow"
	if s.deny {
		effect = "deny"
	}
	return fmt.Sprintf("p, %s, %s, %s, %s\n", s.role, s.right.object, s.right.action, effect)
}

// faultAt is something wrong with one line.
type faultAt struct {
	line int
	text string
}

func (f faultAt) String() string { return fmt.Sprintf("line %d: %s", f.line, f.text) }

// faultList collects what is wrong.
type faultList struct{ list []faultAt }

func (f *faultList) add(line int, format string, args ...any) {
	f.list = append(f.list, faultAt{line, fmt.Sprintf(format, args...)})
}

// texts returns the faults in the order of their lines.
func (f *faultList) texts() []string {
	slices.SortStableFunc(f.list, func(a, b faultAt) int { return a.line - b.line })
	list := make([]string, 0, len(f.list))
	for _, one := range f.list {
		list = append(list, one.String())
	}
	return list
}

// read reads a policy line by line. A line that cannot be read is a fault and counts for nothing.
func read(text string, faults *faultList) (list []statement) {
	number := 0
	for line := range strings.Lines(text) {
		number++
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if s, fault := readLine(line); fault != "" {
			faults.add(number, "%s", fault)
		} else {
			s.line = number
			list = append(list, s)
		}
	}
	return list
}

func readLine(line string) (s statement, fault string) {
	if !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) {
		return s, "it is not text"
	}
	r := csv.NewReader(strings.NewReader(line))
	r.TrimLeadingSpace, r.FieldsPerRecord = true, -1
	fields, err := r.Read()
	if err != nil || len(fields) == 0 {
		return s, "it cannot be read as CSV"
	}
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	switch {
	case fields[0] == "p" && (len(fields) == 4 || len(fields) == 5):
		s.role, s.right = domain.Role(fields[1]), right{fields[2], fields[3]}
		effect := append(fields, "allow")[4]
		if effect != "allow" && effect != "deny" {
			return s, fmt.Sprintf("%s is neither allow nor deny", quoted(effect))
		}
		s.deny = effect == "deny"
		return s, ""
	case fields[0] == "g" && len(fields) == 3 && fields[2] != "":
		s.role, s.parent = domain.Role(fields[1]), domain.Role(fields[2])
		return s, ""
	case fields[0] == "p":
		return s, fmt.Sprintf("p has a role, an object, an action and, if wanted, allow or deny; here are %d fields",
			len(fields))
	case fields[0] == "g":
		return s, fmt.Sprintf("g has a role and the one it inherits from; here are %d fields", len(fields))
	default:
		return s, "it begins with neither p nor g"
	}
}

var harmless = regexp.MustCompile(`^[A-Za-z0-9_:.-]{1,64}$`)

// quoted repeats a word of a file only if it looks like one: a file that is given by mistake may hold secrets.
func quoted(word string) string {
	if word == "" {
		return "an empty word"
	}
	if !harmless.MatchString(word) {
		return "what stands there"
	}
	return fmt.Sprintf("%q", word)
}
