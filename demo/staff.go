package demo

import (
	"context"
	"crypto/rand"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// demoStaff are the people who work in the demo, one of each role. The store manager is also a member of the shop.
func demoStaff() []staff.Person {
	list := People()
	return []staff.Person{
		{Email: "staff@example.com", Name: "Mori Akiko", Role: domain.RoleStaff},
		{Email: "manager@example.com", Name: "Ethan Lee", Role: domain.RoleStoreManager,
			CustomerID: list[len(list)-1].ID},
		{Email: "ec@example.com", Name: "Ueda Kenji", Role: domain.RoleECAdmin},
		{Email: "admin@example.com", Name: "Okada Yui", Role: domain.RoleSystemAdmin},
	}
}

// demoOwner is who answers for the demo's key of a role: the person of that role, where there is one.
func demoOwner(role domain.Role) string {
	for _, p := range demoStaff() {
		if p.Role == role {
			return p.Email
		}
	}
	return ""
}

// seedStaff adds the demo's staff on the first start. Somebody who is there although the demo's file does not know them
// gets a new password: the start before this one did not come to its end. The passwords count as their own: whoever
// reads the demo's file is everybody in it.
func seedStaff(ctx context.Context, a *app.App, file *File) error {
	if len(file.Staff) > 0 {
		return nil
	}
	for _, p := range demoStaff() {
		password, err := domain.DrawPassword(rand.Reader)
		if err != nil {
			return err
		}
		p.Password = password
		_, _, err = a.Staff.Add(ctx, staff.Operator(), p)
		if domain.CodeOf(err) == domain.CodeStaffExists {
			err = renewPassword(ctx, a.Staff, p.Email, password)
		}
		if err != nil {
			return err
		}
		file.Staff = append(file.Staff, SignIn{Email: p.Email, Password: password, Role: string(p.Role)})
	}
	return nil
}

func renewPassword(ctx context.Context, people *staff.Service, email, password string) error {
	p, err := people.ByEmail(ctx, email)
	if err != nil {
		return err
	}
	_, err = people.SetPassword(ctx, staff.Operator(), p.ID, password)
	return err
}
