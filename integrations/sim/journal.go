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

// Journal is how a simulator outlives its process: one line of JSON per change, handed to the operating system before
// the change is answered. That survives a kill, not a power cut. A nil *Journal keeps nothing.
type Journal struct {
	mu     sync.Mutex
	file   *os.File
	broken error // a line was written in part: nothing may follow it
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
	for number := 1; ; number++ {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil
		}
		if err != nil {
			return whole, err
		}
		if err := replay(line); err != nil {
			return whole, fmt.Errorf("line %d: %w", number, err)
		}
		whole += int64(len(line))
	}
}

// Append writes one change down. After an error nothing was promised and nothing more is taken: whoever calls it must
// neither apply the change nor answer as if it had.
func (j *Journal) Append(change any) error {
	if j == nil {
		return nil
	}
	line, err := json.Marshal(change)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken != nil {
		return j.broken
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		j.broken = fmt.Errorf("journal: %w", err)
	}
	return j.broken
}

// Close closes the file; it tells of a change that could not be written. Nothing can be appended afterwards.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	broken := j.broken
	if errors.Is(broken, os.ErrClosed) {
		return nil
	}
	j.broken = fmt.Errorf("journal: %w", os.ErrClosed)
	return errors.Join(broken, j.file.Close())
}
