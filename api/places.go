package api

import (
	"pointbridge/domain"
	"pointbridge/domain/cursor"
	"pointbridge/domain/listing"
)

// sortOf reads the name of an order, which huma has checked.
func sortOf(name string) listing.Sort {
	if name == "newest" {
		return listing.SortNewest
	}
	return listing.Sort(name)
}

// newestFirst are the lists that go by id.
var newestFirst = cursor.ByID("c")

// listIn is the list of coupons in an order.
func listIn(sort listing.Sort) cursor.List {
	if sort == listing.SortNewest {
		return newestFirst
	}
	return cursor.ByNumber("s" + string(sort) + ":")
}

// writeCursor names the last entry of a page of a list that goes by id.
func writeCursor(id int64) string { return newestFirst.Write(cursor.Place{ID: id}) }

// readCursor reads such a cursor; the first page has none.
func readCursor(text string) (int64, error) {
	p, err := readFrom(newestFirst, text)
	return p.ID, err
}

// writePlace names the last coupon of a page by its place in the order.
func writePlace(sort listing.Sort, c domain.Coupon) string {
	return listIn(sort).Write(cursor.Place(sort.Place(c)))
}

// readPlace reads the cursor of a list in the same order; one of another order is refused.
func readPlace(text string, sort listing.Sort) (listing.Place, error) {
	p, err := readFrom(listIn(sort), text)
	return listing.Place(p), err
}

func readFrom(list cursor.List, text string) (cursor.Place, error) {
	if text == "" {
		return cursor.Place{}, nil
	}
	p, err := list.Read(text)
	if err != nil {
		return p, wrong("query.cursor", "invalid")
	}
	return p, nil
}
