package app

import (
	"fmt"
	"reflect"
	"strings"
)

type variable struct{ Field, Name, preset, Doc string }

// Variables lists the environment variables in the order of the struct.
func Variables() []variable {
	t := reflect.TypeFor[Config]()
	list := make([]variable, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		list = append(list, variable{f.Name, f.Tag.Get("env"), f.Tag.Get("envDefault"), f.Tag.Get("doc")})
	}
	return list
}

// EnvExample is the text of .env.example: what has a default is commented out, what has none waits for a value.
func EnvExample() string {
	var b strings.Builder
	b.WriteString("# Every setting of Pointbridge. Lines that are commented out show the default.\n")
	for _, v := range Variables() {
		fmt.Fprintf(&b, "\n# %s\n", v.Doc)
		if v.preset != "" {
			b.WriteString("#")
		}
		fmt.Fprintf(&b, "%s=%s\n", v.Name, v.preset)
	}
	return b.String()
}
