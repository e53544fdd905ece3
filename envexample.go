package main

import (
	"fmt"
	"reflect"
	"strings"
)

type variable struct{ field, name, preset, doc string }

// variables lists the environment variables in the order of the struct.
func variables() []variable {
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

// envExample is the text of .env.example: what has a default is commented out, what has none waits for a value.
func envExample() string {
	var b strings.Builder
	b.WriteString("# Every setting of Pointbridge. Lines that are commented out show the default.\n")
	for _, v := range variables() {
		fmt.Fprintf(&b, "\n# %s\n", v.doc)
		if v.preset != "" {
			b.WriteString("#")
		}
		fmt.Fprintf(&b, "%s=%s\n", v.name, v.preset)
	}
	return b.String()
}
