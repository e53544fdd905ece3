package domain

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
)

// Roles lists every role.
func Roles() []Role {
	return []Role{RoleStaff, RoleStoreManager, RoleECAdmin, RoleSystemAdmin, RolePOS, RoleCustomer}
}

// Caller is who is asking, as their credential proved.
type Caller struct {
	// ID is stable and unique per credential owner ("key:12", "staff:3"); it scopes idempotency keys and stands in the audit.
	ID string
	// Name is what the owner is called, for the audit's readers.
	Name string
	Role Role
	// CustomerID is the member a customer's credential belongs to. For a person of the staff it is their own membership,
	// which they may not decide about; it opens nothing to them. It is empty for the others.
	CustomerID string
}
