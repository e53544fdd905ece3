//go:build unix

package private

import (
	"io/fs"
	"os"
	"syscall"
)

// noFollow refuses a link in place of the file, noWait a pipe that nobody reads from.
const (
	noFollow = syscall.O_NOFOLLOW
	noWait   = syscall.O_NONBLOCK
)

// Whose something is.
type owner int

const (
	us owner = iota
	root
	somebody
)

func ownerOf(info fs.FileInfo) owner {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok:
		return somebody
	case int(stat.Uid) == os.Geteuid():
		return us
	case stat.Uid == 0:
		return root
	default:
		return somebody
	}
}
