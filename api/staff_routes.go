package api

import (
	"net/http"

	"pointbridge/api/access"
	"pointbridge/domain"
)

const (
	staffPath    = "/v1/staff/{id}"
	passwordPath = staffPath + "/password"
)

var (
	ownSession   = access.To("session", "own")
	mayReadStaff = access.To("staff", "read")
	mayRunStaff  = access.To("staff", "manage")
)

// staffRoutes is sign-in, and what those who run the system do about the others.
func (a *API) staffRoutes() {
	const get, post, patch, remove = http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete
	missing := []domain.Code{domain.CodeNotFound}
	exists := []domain.Code{domain.CodeStaffExists, domain.CodeReauthentication, domain.CodeSessionRequired}
	changes := []domain.Code{domain.CodeNotFound, domain.CodeLastSystemAdmin, domain.CodeOwnMembership,
		domain.CodeStaffExists, domain.CodeReauthentication, domain.CodeSessionRequired}
	missingOrOff := []domain.Code{domain.CodeNotFound, domain.CodePasswordsOff}

	a.sessionRoutes()
	add(a, route{get, "/v1/keys", mayReadStaff,
		"The keys of programs: whose they are, when they end, when they were last used", false, nil}, http.StatusOK,
		a.programKeys)
	add(a, route{get, "/v1/staff", mayReadStaff, "Everybody who works here or did", false, nil}, http.StatusOK,
		a.staffList)
	add(a, route{post, "/v1/staff", mayRunStaff, "Add a person and draw their password", false, exists},
		http.StatusCreated, a.addStaff)
	add(a, route{patch, staffPath, mayRunStaff, "Change a person, or disable or enable them", false, changes},
		http.StatusOK, a.changeStaff)
	add(a, route{post, passwordPath, mayRunStaff, "Draw a new password for a person", false, missingOrOff},
		http.StatusOK, a.resetPassword)
	add(a, route{remove, staffPath + "/second-factor", mayRunStaff, "Take every second factor of a person away", false,
		missing}, http.StatusNoContent, a.resetSecondFactor)
	add(a, route{get, staffPath + "/tokens", mayRunStaff, "A person's API tokens", false, missing}, http.StatusOK,
		a.tokens)
	add(a, route{post, staffPath + "/tokens", mayRunStaff,
		"Make an API token for oneself; nobody makes one for somebody else", false, missing}, http.StatusCreated,
		a.addToken)
	add(a, route{remove, staffPath + "/tokens/{token}", mayRunStaff, "Revoke an API token", false, missing},
		http.StatusNoContent, a.revokeToken)
}
