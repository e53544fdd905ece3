package subprocess

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
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
	locks []io.Closer
}

// FreeAddress is a loopback address that nobody listens on, and that is nobody else's who asks here while this process runs.
func FreeAddress(ctx context.Context) (string, error) {
	var last error
	for range tries {
		address := fmt.Sprintf("127.0.0.1:%d", lowestPort+rand.IntN(ports)) //nolint:gosec // nobody has to be kept from guessing it
		if last = takeAddress(ctx, address); last == nil {
			return address, nil
		}
	}
	return "", errors.Join(errors.New("no port is free"), last)
}

// takeAddress locks an address with UDP's port of the same number: the system gives it to one process alone, whatever folders
// that one has, and takes it back when the process dies.
func takeAddress(ctx context.Context, address string) error {
	lock, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp", address)
	if err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return errors.Join(err, lock.Close())
	}
	taken.Lock()
	defer taken.Unlock()
	taken.locks = append(taken.locks, lock)
	return l.Close()
}
