package shopify

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// journal is a file with one JSON array of records per line: one line is one commit. A line is handed to the operating
// system before the request is answered, so it outlives the process, not a power cut. A torn last line is a commit that
// was never answered and is dropped when the file is opened.
type journal struct {
	file   *os.File
	broken error // a line that was written in part: nothing may follow it
}

// openJournal replays the file into the state, rewrites it as the state alone (history is not kept there), and opens it
// for appending.
func openJournal(path string, s *state) (*journal, error) {
	if err := replay(path, s); err != nil {
		return nil, fmt.Errorf("reading the journal: %w", err)
	}
	if err := compact(path, s); err != nil {
		return nil, fmt.Errorf("compacting the journal: %w", err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the journal: %w", err)
	}
	return &journal{file: file}, nil
}

func replay(path string, s *state) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewReader(file)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // what follows the last line break was never answered
		}
		if err != nil {
			return err
		}
		var records []record
		if err := json.Unmarshal(line, &records); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		for _, r := range records {
			s.apply(r)
		}
	}
}

func compact(path string, s *state) error {
	temporary := path + ".new"
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	out := bufio.NewWriter(file)
	encoder := json.NewEncoder(out)
	for _, r := range s.dump() {
		if err := encoder.Encode([]record{r}); err != nil {
			return err
		}
	}
	if err := errors.Join(out.Flush(), file.Sync()); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// dump is the state as records, owners before what hangs on them.
func (s *state) dump() []record {
	records := []record{{Counters: &counters{LastID: s.lastID, LastOrder: s.lastOrder}}}
	for _, c := range s.customers {
		records = append(records, record{Customer: c})
	}
	for _, id := range s.discountIDs {
		records = append(records, record{Discount: s.discounts[id]})
	}
	for _, a := range s.automatics {
		records = append(records, record{Automatic: a})
	}
	for _, id := range s.orderIDs {
		records = append(records, record{Order: s.orders[id]})
	}
	for _, owned := range s.metafields {
		for _, m := range owned {
			records = append(records, record{Metafield: m})
		}
	}
	for _, d := range s.definitions {
		records = append(records, record{Definition: d})
	}
	for _, sub := range s.subscriptions {
		records = append(records, record{Subscription: sub})
	}
	records = append(records, record{Switches: &s.outbox.switches})
	for _, n := range s.outbox.order {
		records = append(records, record{Delivery: s.outbox.deliveries[n]})
	}
	return records
}

func (j *journal) append(records []record) error {
	if j == nil {
		return nil
	}
	if j.broken != nil {
		return j.broken
	}
	var line bytes.Buffer
	if err := json.NewEncoder(&line).Encode(records); err != nil {
		return fmt.Errorf("encoding a commit: %w", err)
	}
	if _, err := j.file.Write(line.Bytes()); err != nil {
		j.broken = fmt.Errorf("writing a commit: %w", err)
		return j.broken
	}
	return nil
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	return j.file.Close()
}
