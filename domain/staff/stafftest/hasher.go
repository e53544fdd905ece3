package stafftest

import (
	"sync"
)

const mark = "hashed:"

// Hasher is a staff.Hasher that costs nothing and counts what a real one would have done.
type Hasher struct {
	// Pause, if there is one, runs while a password is being hashed.
	Pause func()

	mu                    sync.Mutex
	runs, running, atOnce int
}

// Runs is how many passwords were hashed.
func (h *Hasher) Runs() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.runs
}

// AtOnce is the highest number of hashings at the same time so far.
func (h *Hasher) AtOnce() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.atOnce
}

func (h *Hasher) run() {
	h.mu.Lock()
	h.runs++
	h.running++
	h.atOnce = max(h.atOnce, h.running)
	h.mu.Unlock()
	if h.Pause != nil {
		h.Pause()
	}
	h.mu.Lock()
	h.running--
	h.mu.Unlock()
}

// Hash implements staff.Hasher.
func (h *Hasher) Hash(password string) (string, error) {
	h.run()
	return mark + password, nil
}

// Verify implements staff.Hasher.
func (h *Hasher) Verify(hash, password string) bool {
	h.run()
	return hash == mark+password
}

// Decoy implements staff.Hasher.
func (h *Hasher) Decoy() string { return "decoy" }
