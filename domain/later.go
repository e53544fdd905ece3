package domain

import (
	"fmt"
	"time"
)

// Later is what work says that is not done and did not fail: there is more to do, after a while.
type Later struct{ After time.Duration }

func (l *Later) Error() string { return fmt.Sprintf("there is more to do in %s", l.After) }
