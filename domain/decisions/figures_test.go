package decisions_test

import (
	"testing"

	. "pointbridge/domain/decisions"
)

// TestFiguresAgainstVerdicts: of four that were refused three were abuse, and of the abuse a quarter passed.
// covers: 003-22
func TestFiguresAgainstVerdicts(t *testing.T) {
	t.Parallel()
	f := FiguresOf([]Heard{{Refuse, Abuse, 3}, {Refuse, NotAbuse, 1}, {AllowFlagged, Abuse, 1}, {Allow, NotAbuse, 5}})
	if f.Judged != 10 || f.Precision == nil || *f.Precision != 0.75 || f.Recall == nil || *f.Recall != 0.75 {
		t.Errorf("of %d: %v and %v", f.Judged, f.Precision, f.Recall)
	}
	if f := FiguresOf([]Heard{{Allow, NotAbuse, 2}}); f.Judged != 2 || f.Precision != nil || f.Recall != nil {
		t.Errorf("nothing was refused or abuse, and there are figures: %v, %v", f.Precision, f.Recall)
	}
}
