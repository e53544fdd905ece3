package store

import (
	"slices"
	"strings"
	"sync"

	"gorm.io/gorm/schema"
)

// The columns of rows that statements read whole. A statement that reads "*" of a table is another one when a newer
// release has added a column: PostgreSQL refuses the kept plan, and a transaction cannot ask once more.
var (
	couponColumns   = columnsOf(&couponRow{}, "coupons")
	customerColumns = columnsOf(&customerRow{}, "customers")
	movementColumns = columnsOf(&movementRow{}, "m")
	auditColumns    = columnsOf(&auditRow{}, "a")
	endpointColumns = columnsOf(&endpointRow{}, "event_endpoints")
)

// columnsOf names the columns that a row is read into, each with its table's name or alias, but for those that come
// from elsewhere.
func columnsOf(row any, table string, elsewhere ...string) string {
	read, err := schema.Parse(row, &sync.Map{}, schema.NamingStrategy{})
	if err != nil {
		panic(err) // a row that cannot be read at all
	}
	names := make([]string, 0, len(read.DBNames))
	for _, name := range read.DBNames {
		if !slices.Contains(elsewhere, name) {
			names = append(names, table+"."+name)
		}
	}
	return strings.Join(names, ", ")
}
