package world

import (
	"fmt"
	"time"
)

// Midday is the setting of a shop where it is about noon now, and its time zone: what is of today stays of today while a test
// looks at it, at whatever hour it runs.
func Midday() (setting string, zone *time.Location) {
	east := 12 - time.Now().UTC().Hour()
	return fmt.Sprintf("SHOP_TIMEZONE=Etc/GMT%+d", -east), time.FixedZone("midday", east*60*60) // these names count westwards
}
