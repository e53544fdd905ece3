package identity

import "slices"

const (
	// longest is how many characters a text may have to be a signal. Nobody's address is longer.
	longest = 320
	// mostValues is how many values of a kind count. Whoever shows more is no shopper.
	mostValues = 5
	// mostTries is how many texts of a kind are looked at to find them.
	mostTries = 50
)

// Canonical makes matching keys of what a request or an order shows. A key is equal for the spellings of one mailbox,
// number, house, network or device. It is compared and never written to, and only its digest is stored.
type Canonical struct {
	// Phone gives a number as E.164, read in a country (ISO 3166) or, when that is empty, in the shop's; "" for what is
	// no number there. Nil: phones are no signal.
	Phone func(text, country string) string
	// Domain gives the name of an international domain in ASCII, "" for what cannot be one. Nil: domains stay as they
	// are.
	Domain func(name string) string
	// Country is where addresses are that do not say it.
	Country string
}

// Forms gives the matching keys by kind: at most five of a kind, each once and sorted, none empty, none longer than 320
// characters. A kind without any is left out. Whatever cannot be read is no signal, and never an error.
func (c Canonical) Forms(s Shown) map[Kind][]string {
	forms := map[Kind][]string{}
	add := func(kind Kind, texts []string, read func(string) string) {
		if found := collect(texts, read); len(found) > 0 {
			forms[kind] = found
		}
	}
	add(Customer, []string{s.CustomerID}, customer)
	add(Email, s.Emails, func(text string) string { return email(text, c.Domain) })
	add(Phone, s.Phones, c.phoneReader(s.Addresses))
	add(IP, s.IPs, ip)
	add(Device, s.Devices, device)
	add(Name, s.Names, name)
	house := func(a PostalAddress) string { return address(a, countryCode(c.Country)) }
	if found := collect(s.Addresses, house); len(found) > 0 {
		forms[Address] = found
	}
	return forms
}

// collect reads texts until enough keys are found.
func collect[T any](texts []T, read func(T) string) []string {
	var found []string
	for _, each := range texts[:min(mostTries, len(texts))] {
		if text, ok := any(each).(string); ok && !shown(text) {
			continue
		}
		if form := read(each); shown(form) && !slices.Contains(found, form) {
			found = append(found, form)
		}
		if len(found) == mostValues {
			break
		}
	}
	slices.Sort(found)
	return found
}
