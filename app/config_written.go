package app

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// checkWritten refuses values that nobody means as they stand: with what an editor, a file's reader or a copied line left
// around them. A key with a line's end behind it works until the file is written anew, and is another key from then on.
// The same goes for what an orchestrator wrote of a service that happens to be called as a setting begins.
func checkWritten(environ []string, f *faults) {
	given := env.ToMap(environ)
	for field := range reflect.TypeFor[Config]().Fields() {
		name := field.Tag.Get("env")
		if value := given[name]; value != "" {
			wrong := wrongAround(value, field.Type == reflect.TypeFor[Secret]())
			if serviceLink(name, value) {
				wrong = linkedBy(name)
			}
			if wrong != "" {
				f.cannotRead(fmt.Sprintf("%s %s", name, wrong))
			}
		}
	}
}

// serviceLink says whether Kubernetes, or Docker with its links, set a variable: NAME_PORT of each service that there is,
// as tcp://address:port.
func serviceLink(name, value string) bool {
	scheme, _, ok := strings.Cut(value, "://")
	return ok && strings.HasSuffix(name, "_PORT") && slices.Contains([]string{"tcp", "udp", "sctp"}, scheme)
}

// linkedBy says who set it and what to do. A value in the container's own settings goes before a link's.
func linkedBy(name string) string {
	service := strings.ReplaceAll(strings.ToLower(strings.TrimSuffix(name, "_PORT")), "_", "-")
	return fmt.Sprintf("is the address of a service called %s, which Kubernetes writes there by itself; "+
		"set enableServiceLinks: false, or give the container a value of its own", service)
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
