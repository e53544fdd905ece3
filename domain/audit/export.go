package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
)

// An export is JSON lines: the head before its first row, the rows, and the head it ends with. A row's line is its
// canonical text with one member more, the hash, at its end; so the hash is over the bytes that stand in the file.
//
//	{"previous":{"seq":0,"hash":"00…"}}
//	{"seq":1,"id":1,…,"detail":"{}","hash":"6f…"}
//	{"end":{"seq":1,"hash":"6f…"}}
//
// A row whose seal was made with a key has three members more behind the hash, which are not hashed either:
//
//	{"seq":1,"id":1,…,"detail":"{}","hash":"6f…","mac":"a0…","key":"90ab12cd34ef","keyed_from":1}

const (
	hashMember = `,"hash":"`
	macMember  = `","mac":"`
	keyMember  = `","key":"`
	fromMember = `","keyed_from":`
	// tail is the length of ,"hash":"<64 digits>"} at the end of a row's line.
	tail = len(hashMember) + 2*len(Hash{}) + len(`"}`)
	// maxLine bounds what is read as one line, in bytes.
	maxLine = 4 << 20
)

var errNoExport = errors.New("this is no export: its first line names no previous head")

// Writer writes an export.
type Writer struct{ w io.Writer }

// NewWriter begins an export after a head.
func NewWriter(w io.Writer, previous Head) (*Writer, error) {
	_, err := fmt.Fprintf(w, `{"previous":{"seq":%d,"hash":"%s"}}`+"\n", previous.Seq, previous.Hash)
	return &Writer{w}, err
}

// Write adds a row.
func (w *Writer) Write(l Link) error {
	line := make([]byte, 0, len(l.Canonical)+2*tail+len(fromMember)+40)
	line = append(line, l.Canonical[:len(l.Canonical)-1]...)
	line = append(append(line, hashMember...), l.Hash.String()...)
	if k := l.Keyed; k == (Keyed{}) {
		line = append(line, '"')
	} else {
		line = append(append(line, macMember...), k.MAC.String()...)
		line = append(append(line, keyMember...), k.Key...)
		line = strconv.AppendInt(append(line, fromMember...), k.From, 10)
	}
	_, err := w.w.Write(append(line, "}\n"...))
	return err
}

// Close writes the last line.
func (w *Writer) Close(end Head) error {
	_, err := fmt.Fprintf(w.w, `{"end":{"seq":%d,"hash":"%s"}}`+"\n", end.Seq, end.Hash)
	return err
}

// headLine is the first or the last line.
type headLine struct {
	Previous, End *struct {
		Seq  int64  `json:"seq"`
		Hash string `json:"hash"`
	}
}

// Export is an export that is being read.
type Export struct {
	// Start is the head before the first row.
	Start Head
	lines *bufio.Reader
}

// ReadExport reads the first line. Errors: one that says that this is no export, and those of r.
func ReadExport(r io.Reader) (*Export, error) {
	e := &Export{lines: bufio.NewReaderSize(r, 1<<16)}
	line, err := e.line()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var h headLine
	if json.Unmarshal(line, &h) != nil || h.Previous == nil || h.Previous.Seq < 0 {
		return nil, errNoExport
	}
	e.Start.Seq = h.Previous.Seq
	if e.Start.Hash, err = ParseHash(h.Previous.Hash); err != nil {
		return nil, errNoExport
	}
	return e, nil
}

// Links returns the rows, once. A line that is none, and a file that ends early or goes on after its end, are links
// with a fault.
func (e *Export) Links() iter.Seq2[Link, error] {
	return func(yield func(Link, error) bool) {
		last := e.Start
		for {
			line, err := e.line()
			if errors.Is(err, io.EOF) && len(line) == 0 {
				yield(Link{Gone: true, Fault: "the file ends early: its last line names no end"}, nil)
				return
			}
			if err != nil && !errors.Is(err, io.EOF) {
				yield(Link{}, err)
				return
			}
			if end, is := readEnd(line); is {
				e.finish(end, last, yield)
				return
			}
			link := readLink(line)
			if !yield(link, nil) {
				return
			}
			last = Head{Seq: link.Seq, Hash: link.Hash}
		}
	}
}

// finish looks at the end of the file.
func (e *Export) finish(end, last Head, yield func(Link, error) bool) {
	if end != last {
		yield(Link{Gone: true, Fault: "the last line names another end: " + end.String()}, nil)
		return
	}
	if more, _ := e.line(); len(more) > 0 {
		yield(Link{Fault: "the file goes on after its end"}, nil)
	}
}

// line returns the next line without its end, or what is left before the end of the file; until it is called again.
func (e *Export) line() ([]byte, error) {
	line, err := e.lines.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		if line, err = e.longLine(bytes.Clone(line)); line == nil {
			return nil, err
		}
	}
	return bytes.TrimRight(line, "\r\n"), err
}

func (e *Export) longLine(line []byte) ([]byte, error) {
	for {
		part, err := e.lines.ReadSlice('\n')
		if line = append(line, part...); len(line) > maxLine {
			return nil, fmt.Errorf("a line is longer than %d bytes", maxLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

func readEnd(line []byte) (Head, bool) {
	if !bytes.HasPrefix(line, []byte(`{"end":`)) {
		return Head{}, false
	}
	var h headLine
	if json.Unmarshal(line, &h) != nil || h.End == nil {
		return Head{}, false
	}
	hash, err := ParseHash(h.End.Hash)
	return Head{Seq: h.End.Seq, Hash: hash}, err == nil
}
