package api

import (
	"encoding/base64"
	"strconv"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/listing"
)

// sortOf reads the name of an order, which huma has checked.
func sortOf(name string) listing.Sort {
	if name == "newest" {
		return listing.SortNewest
	}
	return listing.Sort(name)
}

// lastNumber is the last microsecond that has a date of four digits.
const lastNumber = 253402300799_999999

// writePlace names the last coupon of a page by its place in the order.
func writePlace(sort listing.Sort, c domain.Coupon) string {
	if sort == listing.SortNewest {
		return writeCursor(c.ID)
	}
	p := sort.Place(c)
	return base64.RawURLEncoding.EncodeToString([]byte("s" + string(sort) + ":" + strconv.FormatInt(p.Number, 10) + ":" + strconv.FormatInt(p.ID, 10)))
}

// readPlace reads the cursor of a list in the same order; one of another order is refused.
func readPlace(cursor string, sort listing.Sort) (listing.Place, error) {
	if sort == listing.SortNewest || cursor == "" {
		id, err := readCursor(cursor)
		return listing.Place{ID: id}, err
	}
	refused := wrong("query.cursor", "invalid")
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return listing.Place{}, refused
	}
	parts := strings.Split(string(text), ":")
	if len(parts) != 3 || parts[0] != "s"+string(sort) {
		return listing.Place{}, refused
	}
	number, numberErr := strconv.ParseInt(parts[1], 10, 64)
	id, idErr := strconv.ParseInt(parts[2], 10, 64)
	if numberErr != nil || idErr != nil || id <= 0 || number < 0 || number > lastNumber {
		return listing.Place{}, refused
	}
	return listing.Place{Number: number, ID: id}, nil
}
