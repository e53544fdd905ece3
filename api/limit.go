package api

import (
	"container/list"
	"sync"
	"time"
)

// limiterLines bounds how many keys are remembered; the one that was quiet longest is forgotten first.
const limiterLines = 10_000

// limiter counts what each key did within the last window. It remembers the moment of each count, so that no burst
// slips through between two windows.
type limiter struct {
	limit  int
	window time.Duration

	mu    sync.Mutex
	lines map[string]*list.Element
	order *list.List // of *line, the one that counted last in front
}

type line struct {
	key   string
	marks []int64 // moments in nanoseconds, oldest first
}

func newLimiter(limit int, window time.Duration) *limiter {
	return &limiter{limit: limit, window: window, lines: map[string]*list.Element{}, order: list.New()}
}

// take counts once, or tells how long to wait. What is refused is not counted.
func (l *limiter) take(key string, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	entry := l.line(key)
	if wait := l.wait(entry, now); wait > 0 {
		return wait, false
	}
	entry.marks = append(entry.marks, now.UnixNano())
	return 0, true
}

// full tells how long a key has to wait without counting anything; zero means not at all.
func (l *limiter) full(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	element, known := l.lines[key]
	if !known {
		return 0
	}
	entry, _ := element.Value.(*line)
	return l.wait(entry, now)
}

// line finds or begins the key's line and moves it to the front.
func (l *limiter) line(key string) *line {
	if element, known := l.lines[key]; known {
		l.order.MoveToFront(element)
		entry, _ := element.Value.(*line)
		return entry
	}
	if l.order.Len() >= limiterLines {
		last := l.order.Back()
		if quiet, ok := l.order.Remove(last).(*line); ok {
			delete(l.lines, quiet.key)
		}
	}
	entry := &line{key: key}
	l.lines[key] = l.order.PushFront(entry)
	return entry
}

// wait drops what is older than the window and tells how long until there is room for one more.
func (l *limiter) wait(entry *line, now time.Time) time.Duration {
	since := now.Add(-l.window).UnixNano()
	old := 0
	for old < len(entry.marks) && entry.marks[old] <= since {
		old++
	}
	entry.marks = append(entry.marks[:0], entry.marks[old:]...)
	if len(entry.marks) < l.limit {
		return 0
	}
	return time.Duration(entry.marks[len(entry.marks)-l.limit] - since)
}
