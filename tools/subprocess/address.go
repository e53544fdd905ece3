package subprocess

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"

	"pointbridge/integrations/private"
)

// Ports are taken from below those that systems hand out by themselves: one of those may be somebody else's by the time that
// a program listens on it, which then answers in its place.
const (
	lowestPort = 20_000
	ports      = 10_000
	tries      = 100
)

// taken are the locks of this process's ports, which end with it.
var taken struct {
	sync.Mutex
	locks []*private.Lock
}

// FreeAddress is a loopback address that nobody listens on, and that is nobody else's who asks here while this process runs.
func FreeAddress(ctx context.Context) (string, error) {
	folder := filepath.Join(os.TempDir(), fmt.Sprintf("pointbridge-ports-%d", os.Getuid()))
	if err := private.OwnFolder(folder); err != nil {
		return "", err
	}
	var last error
	for range tries {
		address, err := takePort(ctx, folder, lowestPort+rand.IntN(ports)) //nolint:gosec // nobody has to be kept from guessing it
		if err == nil {
			return address, nil
		}
		last = err
	}
	return "", errors.Join(errors.New("no port is free"), last)
}

func takePort(ctx context.Context, folder string, port int) (string, error) {
	lock, err := private.TakeLock(filepath.Join(folder, fmt.Sprint(port)))
	if err != nil {
		return "", err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return "", errors.Join(err, lock.Release())
	}
	taken.Lock()
	taken.locks = append(taken.locks, lock)
	taken.Unlock()
	return l.Addr().String(), l.Close()
}
