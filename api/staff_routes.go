package api

import (
	"net/http"

	"pointbridge/domain"
)

const staffPath = "/v1/staff/{id}"

var (
	ownSession   = permission{"session", "own"}
	mayReadStaff = permission{"staff", "read"}
	mayRunStaff  = permission{"staff", "manage"}
)

// staffRoutes is sign-in, and what those who run the system do about the others.
func (a *API) staffRoutes() {
	const get, post, put, patch, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	missing := []domain.Code{domain.CodeNotFound}
	exists := []domain.Code{domain.CodeStaffExists}
	changes := []domain.Code{domain.CodeNotFound, domain.CodeLastSystemAdmin, domain.CodeOwnMembership}
	passwords := []domain.Code{domain.CodePasswordsOff}
	missingOrOff := []domain.Code{domain.CodeNotFound, domain.CodePasswordsOff}

	addOpen(a, route{post, "/v1/session", permission{}, "Sign in with mail address and password", false, passwords}, http.StatusCreated, a.signInStaff)
	add(a, route{get, "/v1/session", ownSession, "Who is signed in, and what they may do", false, nil}, http.StatusOK, a.who)
	add(a, route{remove, "/v1/session", ownSession, "Sign out", false, missing}, http.StatusNoContent, a.signOut)
	add(a, route{remove, "/v1/sessions", ownSession, "Sign out everywhere", false, missing}, http.StatusNoContent, a.signOutEverywhere)
	add(a, route{put, "/v1/session/password", ownSession, "Choose another password, and sign out everywhere", false, missingOrOff}, http.StatusNoContent, a.changePassword)

	add(a, route{get, "/v1/session/tokens", ownSession, "One's own API tokens", false, missing}, http.StatusOK, a.ownTokens)
	add(a, route{post, "/v1/session/tokens", ownSession, "Make an API token for oneself", false, missing}, http.StatusCreated, a.addOwnToken)
	add(a, route{remove, "/v1/session/tokens/{token}", ownSession, "Revoke one of one's own API tokens", false, missing}, http.StatusNoContent, a.revokeOwnToken)

	add(a, route{get, "/v1/keys", mayReadStaff, "The keys of programs: whose they are, when they end, when they were last used", false, nil}, http.StatusOK, a.programKeys)
	add(a, route{get, "/v1/staff", mayReadStaff, "Everybody who works here or did", false, nil}, http.StatusOK, a.staffList)
	add(a, route{post, "/v1/staff", mayRunStaff, "Add a person and draw their password", false, exists}, http.StatusCreated, a.addStaff)
	add(a, route{patch, staffPath, mayRunStaff, "Change a person, or disable or enable them", false, changes}, http.StatusOK, a.changeStaff)
	add(a, route{post, bodyless, mayRunStaff, "Draw a new password for a person", false, missingOrOff}, http.StatusOK, a.resetPassword)
	add(a, route{get, staffPath + "/tokens", mayRunStaff, "A person's API tokens", false, missing}, http.StatusOK, a.tokens)
	add(a, route{post, staffPath + "/tokens", mayRunStaff, "Make an API token for oneself; nobody makes one for somebody else", false, missing}, http.StatusCreated, a.addToken)
	add(a, route{remove, staffPath + "/tokens/{token}", mayRunStaff, "Revoke an API token", false, missing}, http.StatusNoContent, a.revokeToken)
}
