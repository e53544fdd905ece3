package listing

import "context"

const (
	// MostViews is how many views somebody keeps, LongestViewName how many characters a name has.
	MostViews       = 20
	LongestViewName = 60
)

// View is a list that somebody comes back to: what its address asks for, under a name of theirs.
type View struct {
	ID      int64
	StaffID int64
	Name    string
	Query   string
}

// Views keeps them.
type Views interface {
	// Views lists somebody's views by their names.
	Views(ctx context.Context, staffID int64) ([]View, error)
	// SaveView keeps a view, in place of the one that has its name. It reports false when somebody has MostViews others.
	SaveView(ctx context.Context, v View) (bool, error)
	// RemoveView forgets one, if it is theirs.
	RemoveView(ctx context.Context, staffID, id int64) error
}
