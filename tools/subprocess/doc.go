// Package subprocess starts this program once more, to measure it or to kill it.
package subprocess
