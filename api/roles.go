package api

import (
	"slices"

	"pointbridge/domain"
)

// ownRoles lets requests and their documentation name the roles of the merchant's own wherever they name those that
// come with Pointbridge. The document in the repository is that of an installation that has none.
func (a *API) ownRoles(roles domain.RoleBook) {
	for _, schema := range a.huma.OpenAPI().Components.Schemas.Map() {
		property := schema.Properties["role"]
		if property == nil || !slices.Contains(property.Enum, any(string(domain.RoleStoreManager))) {
			continue
		}
		programs := slices.Contains(property.Enum, any(string(domain.RolePOS)))
		for _, role := range roles.Own() {
			if programs || roles.OfStaff(role) {
				property.Enum = append(property.Enum, string(role))
			}
		}
		property.PrecomputeMessages() // it tells what can be chosen
	}
}
