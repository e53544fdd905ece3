// Package identity makes keyed digests of what orders and requests show of a person, so that one person can be seen
// behind five spellings of an address while no address is kept.
package identity

// Kind is a kind of signal by which two appearances can be the same person's. The strings are stored and never change.
type Kind string

// The kinds. The shop's own customer decides alone; the five that Counted lists are counted; a name is a weak hint and
// is never counted.
const (
	Customer Kind = "customer"
	Email    Kind = "email"
	Phone    Kind = "phone"
	Address  Kind = "address"
	IP       Kind = "ip"
	Device   Kind = "device"
	Name     Kind = "name"
)

// Counted lists the kinds that a policy counts, the strongest first.
func Counted() []Kind { return []Kind{Email, Phone, Address, Device, IP} }

// Shown is what a request or an order shows of a person. It stays in memory: only digests of it are stored.
type Shown struct {
	// CustomerID is the shop's gid of a signed-in customer; empty for a guest.
	CustomerID string
	Emails     []string
	Phones     []string
	Addresses  []PostalAddress
	IPs        []string
	Devices    []string
	Names      []string
}

// PostalAddress is an address as a form of the shop has it. Country is an ISO 3166 code, e.g. JP.
type PostalAddress struct {
	Company, Line1, Line2, City, Province, Zip, Country string
}

// Digest stands for one canonical form. It is made with the keys up to Key, of which 1 is the oldest.
type Digest struct {
	Key int
	Sum [16]byte
}

// Print is what is kept of Shown: the digests of each kind under the newest key.
type Print map[Kind][]Digest
