// Package app is one running service: its configuration, how its parts are wired, and whether it is ready. A new part
// is made in wire and given to whoever needs it; a new setting is one field of Config, checked in Config.check.
package app
