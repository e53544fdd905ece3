package api

import (
	"slices"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// freshOperations take a person who showed a moment ago who they are: each hands out or takes away what lets somebody
// in. No key and no token does them: whoever has copied one could make others of it. Making somebody who decides, and
// letting somebody in again who was disabled, are among them too, which the body says: see deciders and changeStaff.
var freshOperations = []string{
	"POST " + passwordPath,
	"DELETE " + staffPath + "/second-factor",
	"POST " + staffPath + "/tokens",
	"POST " + ownTokensPath,
	"POST " + totpPath,
	"DELETE " + totpPath,
	"POST " + recoveryPath,
}

// duringStages are the operations that are open in a stage of a sign-in before the last one; all others are closed
// then.
var duringStages = map[string][]staff.Stage{
	"DELETE /v1/session":               {staff.StageSecondFactor, staff.StagePassword, staff.StageSetUp},
	"PUT /v1/session/password":         {staff.StagePassword},
	"POST " + totpPath:                 {staff.StageSetUp},
	"POST " + totpPath + "/activation": {staff.StageSetUp},
	"POST " + confirmPath:              {staff.StageSetUp},
}

func (r route) name() string { return r.method + " " + r.path }

func (r route) fresh() bool { return slices.Contains(freshOperations, r.name()) }

// gate closes an operation to sign-ins that have not come to their end, and a fresh one to everybody who has not shown
// a moment ago who they are.
func (a *API) gate(x *exchange, r route) error {
	if x.stage != staff.StageIn && !slices.Contains(duringStages[r.name()], x.stage) {
		return x.stage.Refusal()
	}
	return nil
}

// fresh refuses whoever is not a person that showed a moment ago who they are.
func (a *API) fresh(x *exchange) error {
	if x.session == nil {
		return domain.Refuse(domain.CodeSessionRequired)
	}
	if !a.deps.Staff.Fresh(*x.session) {
		return domain.Refuse(domain.CodeReauthentication)
	}
	return nil
}

// gateCodes are how gates refuse.
func (r route) gateCodes() (codes []domain.Code) {
	if r.may != (access.Right{}) && !r.proxied() {
		codes = append(codes, domain.CodePasswordChange, domain.CodeSecondFactorSetup, domain.CodeSecondFactor)
	}
	if r.fresh() {
		codes = append(codes, domain.CodeReauthentication, domain.CodeSessionRequired)
	}
	return codes
}
