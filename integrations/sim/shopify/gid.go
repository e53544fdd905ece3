package shopify

import (
	"fmt"
	"strconv"
	"strings"
)

const gidPrefix = "gid://shopify/"

func gid(kind string, id int64) string { return gidPrefix + kind + "/" + strconv.FormatInt(id, 10) }

// parseGID reads the number out of an id of the given kind; false when it is another kind or no id.
func parseGID(kind, text string) (int64, bool) {
	digits, ok := strings.CutPrefix(text, gidPrefix+kind+"/")
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, err == nil && id > 0
}

// customerNumber accepts a gid or a bare number.
func customerNumber(text string) (int64, error) {
	if id, ok := parseGID("Customer", text); ok {
		return id, nil
	}
	if id, err := strconv.ParseInt(text, 10, 64); err == nil && id > 0 {
		return id, nil
	}
	return 0, fmt.Errorf("%q is no customer id", text)
}
