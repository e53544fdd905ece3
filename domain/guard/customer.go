package guard

import "slices"

// Customer is what a customer's own metafield says: the keys of the campaigns that they have used up, and of those that
// they are blocked in.
type Customer struct{ Used, Blocked []string }

type customerValue struct {
	Version int      `json:"v"`
	Used    []string `json:"used"`
	Blocked []string `json:"blocked"`
}

// Empty tells that there is nothing to say.
func (c Customer) Empty() bool { return len(c.Used)+len(c.Blocked) == 0 }

// Encode writes the metafield. Of more campaigns than the Function is told of, the first are named.
func (c Customer) Encode() ([]byte, error) {
	return marshal(customerValue{Version: format, Used: named(c.Used), Blocked: named(c.Blocked)})
}

func named(keys []string) []string {
	list := append([]string{}, keys[:min(len(keys), MaxFamilies)]...)
	slices.Sort(list)
	return list
}
