package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// form is the shape of an id: the part of the requirements that it belongs to, and a number in it.
const form = `(?:00[0-4]|[DHT])-\d\d`

var whole = regexp.MustCompile(`^` + form + `$`)

type requirement struct{ id, title string }

// requirements reads the list of titles, which is in the order of its ids.
func requirements(path string) ([]requirement, error) {
	file, err := os.Open(path) //nolint:gosec // a file of this repository
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it is only read
	reader := csv.NewReader(file)
	reader.FieldsPerRecord = 2
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", titles, err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], []string{"id", "title"}) {
		return nil, fmt.Errorf("%s does not begin with id,title", titles)
	}
	list := make([]requirement, 0, len(rows))
	for _, row := range rows[1:] {
		r := requirement{row[0], row[1]}
		switch {
		case !whole.MatchString(r.id):
			return nil, fmt.Errorf("%s: %q is not a requirement id", titles, r.id)
		case strings.TrimSpace(r.title) == "" || strings.ContainsAny(r.title, "|\n"):
			return nil, fmt.Errorf("%s: the title of %s is %q", titles, r.id, r.title)
		case len(list) > 0 && r.id <= list[len(list)-1].id:
			return nil, fmt.Errorf("%s: %s stands after %s", titles, r.id, list[len(list)-1].id)
		}
		list = append(list, r)
	}
	return list, nil
}
