package sim

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// Journal is how a simulator outlives its process: one line of JSON per change, written before the change is answered. A
// nil *Journal keeps nothing.
type Journal struct {
	mu   sync.Mutex
	file *os.File
}

// OpenJournal reads what is there, line by line, and continues after it. A last line without its end was never answered
// and is cut off. An empty path gives a nil journal.
func OpenJournal(path string, replay func(line []byte) error) (*Journal, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	whole, err := readLines(file, replay)
	if err == nil {
		err = file.Truncate(whole)
	}
	if err == nil {
		_, err = file.Seek(whole, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), file.Close())
	}
	return &Journal{file: file}, nil
}

func readLines(file *os.File, replay func([]byte) error) (whole int64, err error) {
	r := bufio.NewReader(file)
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil
		}
		if err != nil {
			return whole, err
		}
		if err := replay(line); err != nil {
			return whole, err
		}
		whole += int64(len(line))
	}
}

// Append writes one change. A simulator that cannot write must not answer as if it had, so it stops.
func (j *Journal) Append(change any) {
	if j == nil {
		return
	}
	line, err := json.Marshal(change)
	if err != nil {
		panic(err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		panic(err)
	}
}

// Close closes the file.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	return j.file.Close()
}
