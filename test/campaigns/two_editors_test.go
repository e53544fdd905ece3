package campaigns

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestTheSecondOfTwoEditorsLosesNothing: what they typed stays in the form and stands beside what the first one saved, and
// only a box that says so puts it in its place. Names, which have no version, are no exception.
func TestTheSecondOfTwoEditorsLosesNothing(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "ec_admin")
	v.Submit(v.Get("/admin/campaigns"), "/admin/campaigns", with("key", "summer", "prefix", "SUMMER-", "name_en", "Summer"))
	const action = "/admin/campaigns/summer"
	second := v.Get(action + "/edit")
	v.Submit(v.Get(action+"/edit"), action, with("uses_per_person", "7", "new_customers_only", "on", "name_en", "Summer sale"))

	mine := with("uses_per_person", "3", "message_already_used_en", "Once is enough.", "mode", "shadow")
	refused := v.Submit(second, action, mine)
	expect.Equal(t, "refused.Status", refused.Status, http.StatusConflict, refused.Text())
	refused.Has(t, "Somebody else saved this campaign meanwhile", "In your form", "Saved now",
		"Summer sale", "Once is enough.", "For new customers only", "no yes")
	world.WellKept(t, "two editors", refused)
	expect.Equal(t, "what was typed", valueOf(t, refused, action, "uses_per_person"), "3")
	expect.Equal(t, "the message", valueOf(t, refused, action, "message_already_used_en"), "Once is enough.")
	expect.Equal(t, "a box that is not ticked", valueOf(t, refused, action, "over"), "")

	again := v.Submit(refused, action, nil)
	expect.Equal(t, "saved once more without the box", again.Status, http.StatusConflict)
	expect.Equal(t, "what the first one saved", valueOf(t, v.Get(action+"/edit"), action, "uses_per_person"), "7")

	form := again.Form(action)
	over := ""
	for _, box := range world.Elements(form, "input") {
		if world.Attribute(box, "name") == "over" {
			over = world.Attribute(box, "value")
		}
	}
	faulty := v.Submit(again, action, with("over", over, "uses_in_all", "many"))
	expect.Equal(t, "faulty.Status", faulty.Status, http.StatusUnprocessableEntity)
	saved := v.Submit(faulty, action, with("uses_in_all", "50"))
	saved.Has(t, "version 3", "One person may use the campaign 3 times")
	expect.Equal(t, "the name of the form", valueOf(t, v.Get(action+"/edit"), action, "name_en"), "Summer")
}

// TestANameThatSomebodyElseChangedIsNotUndone by a form that was opened before, though the rules are the same.
func TestANameThatSomebodyElseChangedIsNotUndone(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "ec_admin")
	v.Submit(v.Get("/admin/campaigns"), "/admin/campaigns", with("key", "winter", "prefix", "WINTER-", "name_en", "Winter"))
	const action = "/admin/campaigns/winter"
	second := v.Get(action + "/edit")
	v.Submit(v.Get(action+"/edit"), action, with("name_en", "Winter sale"))
	refused := v.Submit(second, action, with("uses_per_person", "3"))
	expect.Equal(t, "refused.Status", refused.Status, http.StatusConflict, refused.Text())
	if !strings.Contains(refused.Text(), "Winter sale") {
		t.Error(refused.Text())
	}
}
