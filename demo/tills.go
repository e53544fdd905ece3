package demo

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"pointbridge/integrations/sim/pos"
	simsmaregi "pointbridge/integrations/sim/smaregi"
	simsquare "pointbridge/integrations/sim/square"
)

// Tills are the kinds of POS that can be simulated, as POS_KIND calls them; the first is what stands there where
// nothing else is said.
func Tills() []string { return []string{"generic", "square", "smaregi"} }

// checkTill names what is wrong with a kind.
func checkTill(kind string) error {
	if kind != "" && !slices.Contains(Tills(), kind) {
		return fmt.Errorf("--pos must be one of: %s", strings.Join(Tills(), ", "))
	}
	return nil
}

// The contract and the app of a simulated Smaregi. The app's secret is what other tills have as their token.
const (
	contractID  = "sb_demo"
	contractApp = "pointbridge-demo"
)

// till is a simulated POS of whatever kind.
type till interface {
	http.Handler
	Balance(id string) (int64, bool)
	Close() error
}

// openTill opens the POS of this kind with what is set for that of the neutral contract; add makes a member known to it.
func openTill(kind string, c pos.Config) (t till, add func(person), err error) {
	if err := checkTill(kind); err != nil {
		return nil, nil, err
	}
	switch kind {
	case "square":
		s, err := simsquare.New(simsquare.Config{Token: c.Token, Clock: c.Clock, Faults: c.Faults, Path: c.Path})
		return s, func(p person) { s.AddCustomer(p.ID, p.Name, p.Points) }, err
	case "smaregi":
		s, err := simsmaregi.New(simsmaregi.Config{Account: contractID, ClientID: contractApp, ClientSecret: c.Token,
			Clock: c.Clock, Faults: c.Faults, Path: c.Path})
		return s, func(p person) { s.AddCustomer(p.ID, p.Name, p.Points) }, err
	default:
		s, err := pos.New(c)
		return s, func(p person) { s.AddCustomer(p.ID, p.Name, p.Points) }, err
	}
}

// tillSettings point a service at the simulated POS.
func tillSettings(base string, c Credentials) []string {
	at := "POS_URL=" + base + PosPath
	switch c.Kind {
	case "square":
		return []string{"POS_KIND=square", at, "POS_TOKEN=" + c.POSToken}
	case "smaregi":
		return []string{"POS_KIND=smaregi", at, "POS_ACCOUNT=" + contractID, "POS_CLIENT_ID=" + contractApp,
			"POS_CLIENT_SECRET=" + c.POSToken}
	default:
		return []string{"POS_KIND=generic", at, "POS_TOKEN=" + c.POSToken}
	}
}

// At gives members ids that the vendor's POS has, numbers of ten digits: phone numbers at Square, and ids of members at
// Smaregi. Those of the neutral contract are anything.
func At(kind string, list []person) []person {
	if kind != "square" && kind != "smaregi" {
		return list
	}
	list = slices.Clone(list)
	for i, p := range list {
		if id := strings.TrimPrefix(p.ID, "m"); len(id) < 8 {
			list[i].ID = fmt.Sprintf("880%07s", id)
		}
	}
	return list
}

var plainValue = regexp.MustCompile(`^[A-Za-z0-9_@%+:,./-]*$`)

// ShellLine writes a setting so that a shell can source it.
func ShellLine(setting string) string {
	name, value, _ := strings.Cut(setting, "=")
	return name + "=" + ShellWord(value)
}

// ShellWord writes a value so that a shell reads it as one word.
func ShellWord(value string) string {
	if plainValue.MatchString(value) {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

// FromShell reads the settings of lines that were written by ShellLine; comments are left out.
func FromShell(lines []string) (settings []string) {
	for _, line := range lines {
		name, value, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		if inner, quoted := strings.CutPrefix(value, "'"); quoted {
			value = strings.ReplaceAll(strings.TrimSuffix(inner, "'"), `'\''`, "'")
		}
		settings = append(settings, name+"="+value)
	}
	return settings
}
