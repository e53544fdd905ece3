package rights

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// wanted is policies/acts.csv written down a second time, by act instead of by line.
type wanted struct {
	roles  []domain.Role
	capped bool
	two    bool
}

var wantedActs = func() map[domain.Act]wanted {
	managers := []domain.Role{domain.RoleStoreManager, domain.RoleECAdmin, domain.RoleSystemAdmin}
	return map[domain.Act]wanted{
		domain.ActCancel:       {managers, true, false},
		domain.ActSuspend:      {managers, true, false},
		domain.ActRefund:       {[]domain.Role{domain.RolePOS, domain.RoleSystemAdmin}, true, false},
		domain.ActReturnPoints: {managers, true, false},
		domain.ActReissue:      {managers, true, true},
		domain.ActGrant:        {managers, true, true},
		domain.ActApplied:      {managers, true, true},
		domain.ActNotApplied:   {managers, true, true},
		domain.ActForfeit:      {managers, true, true},
		domain.ActTakeBack:     {managers, true, true},
		domain.ActAcceptLoss:   {managers, true, true},
		domain.ActRefuse:       {managers, false, false},
	}
}()

const (
	small, middle, large = 400, 500, 9000 // below every bound; above the second person's; above the cap

	permissionDenied = "403 permission_denied"
	overCap          = "403 cancellation_limit_exceeded"
	needsSecond      = "409 second_person_required"
)

// TestEveryActByEveryRole walks every act that moves or frees value over HTTP: with every role, as a person and as a
// program, under and over the role's cap, by one person and by two.
func TestEveryActByEveryRole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewActs(t, db, "FOUR_EYES_POINTS=499", "FORFEIT_TWO_PEOPLE=false",
			"CANCEL_CAPS=store_manager=1000/1000000,ec_admin=1000/1000000,system_admin=1000/1000000,pos=1000/1000000")
		people, programs := map[domain.Role][2]string{}, map[domain.Role]string{}
		for _, role := range domain.StaffRoles() {
			p, one := world.Hired(t, w.Store, "one "+string(role), role, "")
			_, two := world.Hired(t, w.Store, "two "+string(role), role, "")
			people[role], programs[role] = [2]string{one, two}, w.KeyOf(role, p.Email)
		}
		programs[domain.RolePOS], programs[domain.RoleCustomer] = w.KeyOf(domain.RolePOS, ""),
			w.KeyOf(domain.RoleCustomer, "")
		for _, act := range domain.Acts() {
			want, known := wantedActs[act]
			if !known {
				t.Errorf("nobody wrote down who may %s", act)
			}
			for _, role := range domain.Roles() {
				a := actWalk{w, t, act, role, want, slices.Contains(want.roles, role)}
				a.program(programs[role])
				if role.OfStaff() {
					a.Person(people[role])
				}
			}
		}
	})
}

// actWalk is one act by one role.
type actWalk struct {
	w    *world.Acts
	t    *testing.T
	act  domain.Act
	role domain.Role
	want wanted
	may  bool
}

// step does the act and says what came of it; what was refused changed nothing.
func (a actWalk) step(name, token string, s world.Subject, want string) {
	a.t.Helper()
	before := a.w.Untouched(a.act, s)
	got := a.w.Do(token, a.act, s, strings.NewReplacer(" ", "-", ",", "").Replace(name)+s.Code)
	if got != want {
		a.t.Errorf("%s by %s, %s: %s, want %s", a.act, a.role, name, got, want)
	}
	if refused := want != "done" && want != "proposed"; refused && before && !a.w.Untouched(a.act, s) {
		a.t.Errorf("%s by %s, %s: it was refused and something changed", a.act, a.role, name)
	}
}

func (a actWalk) program(token string) {
	want := "done"
	if !a.may || a.act.ClosesReview() {
		want = permissionDenied
	}
	a.step("as a program", token, a.w.Subject(a.act, small), want)
	if want == "done" {
		a.step("as a program over the cap", token, a.w.Subject(a.act, large), overCap)
	}
}

func (a actWalk) Person(tokens [2]string) {
	one, two := tokens[0], tokens[1]
	if !a.may {
		a.step("as a person", one, a.w.Subject(a.act, small), permissionDenied)
		return
	}
	a.step("as a person", one, a.w.Subject(a.act, small), "done")
	over := "done"
	if a.want.capped {
		over = overCap
	}
	a.step("over the cap", one, a.w.Subject(a.act, large), over)
	s := a.w.Subject(a.act, middle)
	if !a.want.two {
		a.step("alone", one, s, "done")
		return
	}
	a.step("as the first of two", one, s, "proposed")
	a.step("as the first of two, once more", one, s, needsSecond)
	a.step("as the second of two", two, s, "done")
}

// TestTheDayCountsEveryAct: one person's day has one bound for all acts together, whichever of their credentials they
// use.
func TestTheDayCountsEveryAct(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewActs(t, db, "CANCEL_CAPS=store_manager=1000/2000", "FOUR_EYES_POINTS=0", "FORFEIT_TWO_PEOPLE=false")
		p, token := world.Hired(t, w.Store, "Sato", domain.RoleStoreManager, "")
		keys := []string{w.KeyOf(domain.RoleStoreManager, p.Email), w.KeyOf(domain.RoleStoreManager, p.Email)}
		for n, step := range []struct {
			token string
			act   domain.Act
			want  string
		}{
			{token, domain.ActApplied, "done"}, {keys[0], domain.ActCancel, "done"}, {token, domain.ActForfeit, "done"},
			{token, domain.ActAcceptLoss, "done"}, {token, domain.ActTakeBack, overCap}, {keys[1], domain.ActCancel,
				overCap}, {token, domain.ActReturnPoints, overCap},
			{token, domain.ActNotApplied, overCap}, {token, domain.ActRefuse, "done"},
		} {
			if got := w.Do(step.token, step.act, w.Subject(step.act, middle), fmt.Sprint("d-", n)); got != step.want {
				t.Errorf("step %d, %s: %s, want %s", n, step.act, got, step.want)
			}
		}
	})
}
