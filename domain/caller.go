package domain

import "slices"

// Role is what a caller may be; policies/policy.csv says what each role may do.
type Role string

// The roles.
const (
	RoleStaff        Role = "staff"
	RoleStoreManager Role = "store_manager"
	RoleECAdmin      Role = "ec_admin"
	RoleSystemAdmin  Role = "system_admin"
	RolePOS          Role = "pos"
	RoleCustomer     Role = "customer"

	// RoleService is the service itself, where rules let it decide alone. Nobody can be given it.
	RoleService Role = "service"
)

// KeyMark begins the ID of a caller who is a program with a key; the key's prefix follows.
const KeyMark = "key:"

// Roles lists every role.
func Roles() []Role {
	return []Role{RoleStaff, RoleStoreManager, RoleECAdmin, RoleSystemAdmin, RolePOS, RoleCustomer}
}

// Caller is who is asking, as their credential proved.
type Caller struct {
	// ID is stable and unique per credential owner ("key:12", "staff:3"); it scopes idempotency keys and stands in the
	// audit.
	ID string
	// Name is what the owner is called, for the audit's readers.
	Name string
	Role Role
	// CustomerID is the member a customer's credential belongs to. For a person of the staff it is their own
	// membership, which they may not decide about; it opens nothing to them. It is empty for the others.
	CustomerID string
	// Credential names what let the caller in, for the audit: "session:…", "token:…" or "key:…", "storefront" or
	// "extension" for whom Shopify vouches for, "password" where it was asked for again, "command" on the machine
	// itself. It is no secret.
	Credential string
	// PersonID is the number of the person who asks, or to whom the asking key belongs, MakerID of the one who made
	// that key: their own coupons are not theirs to decide about. Zero for nobody.
	PersonID, MakerID int64
	// Machine says that the credential is no person's own: a program's key, or a token that somebody else made.
	Machine bool
}

// People are those behind the caller: who asks, or answers for the key that does, and who made it.
func (c Caller) People() (people []int64) {
	for _, id := range []int64{c.PersonID, c.MakerID} {
		if id != 0 && !slices.Contains(people, id) {
			people = append(people, id)
		}
	}
	return people
}

// Nobody is the caller when what let them in does so no longer: the same one in the audit, who may nothing.
func (c Caller) Nobody() Caller {
	c.Role = ""
	return c
}
