package identity

import "pointbridge/domain"

// phoneReader reads numbers as somebody writes them who lives at one of the addresses: in its country first, then in
// the shop's. A number with a country code is the same in each. What is no number in either is no signal: nothing is
// guessed from digits alone. Nor is one that is typed where none is known: it would make one person of many.
func (c Canonical) phoneReader(addresses []PostalAddress) func(string) string {
	var home string
	for _, a := range addresses[:min(mostTries, len(addresses))] {
		if home = countryCode(a.Country); home != "" {
			break
		}
	}
	return func(text string) string {
		if c.Phone == nil {
			return ""
		}
		text = foldUnseen(text)
		if home != "" {
			if number := c.Phone(text, home); number != "" {
				return somebodys(number)
			}
		}
		return somebodys(c.Phone(text, countryCode(c.Country)))
	}
}

func somebodys(number string) string {
	if domain.NobodysPhone(number) {
		return ""
	}
	return number
}
