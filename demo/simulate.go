package demo

import (
	"strconv"
)

// Crowd is any number of members for measurements.
func Crowd(n int) []person {
	list := make([]person, 0, n)
	for i := 1; i <= n; i++ {
		list = append(list, person{ID: "m" + strconv.Itoa(i), Name: "Member " + strconv.Itoa(i), Points: 1_000_000_000,
			Shopify: "gid://shopify/Customer/" + strconv.Itoa(8_000_000_000+i), Email: "m" + strconv.Itoa(i) +
				"@example.com", Locale: "en"})
	}
	return list
}
