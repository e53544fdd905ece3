package app

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/caarlos0/env/v11"
)

// checkWritten refuses values that nobody means as they stand: with what an editor, a file's reader or a copied line left
// around them. A key with a line's end behind it works until the file is written anew, and is another key from then on.
func checkWritten(environ []string, f *faults) {
	given := env.ToMap(environ)
	for field := range reflect.TypeFor[Config]().Fields() {
		name := field.Tag.Get("env")
		if value := given[name]; value != "" {
			if wrong := wrongAround(value, field.Type == reflect.TypeFor[Secret]()); wrong != "" {
				f.cannotRead(fmt.Sprintf("%s %s", name, wrong))
			}
		}
	}
}

// wrongAround says what stands around a value; empty for nothing. A secret may begin or end with a space.
func wrongAround(value string, secret bool) string {
	quote := value[0]
	switch {
	case strings.TrimRight(value, "\r\n") != value:
		return "has the end of a line behind its value; a file that was saved on Windows leaves one, and so does a secret made from a file"
	case (quote == '\'' || quote == '"') && len(value) > 1 && value[len(value)-1] == quote:
		return "has quotes around its value: what reads the file keeps them, as docker run --env-file does; write it without"
	case !secret && strings.TrimSpace(value) != value:
		return "has space around its value"
	}
	return ""
}
