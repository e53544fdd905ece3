package world

import (
	"os"
	"strconv"
)

// FromEnv reads a number that bounds or repeats a run.
func FromEnv(name string, otherwise int64) int64 {
	if n, err := strconv.ParseInt(os.Getenv(name), 10, 64); err == nil && n > 0 {
		return n
	}
	return otherwise
}
