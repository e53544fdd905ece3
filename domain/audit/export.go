package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
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
	e := &Export{lines: bufio.NewReader(r)}
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

// line returns the next line without its end, or what is left before the end of the file.
func (e *Export) line() ([]byte, error) {
	var line []byte
	for {
		part, err := e.lines.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, fmt.Errorf("a line is longer than %d bytes", maxLine)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimRight(line, "\r\n"), err
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

// readLink takes a line apart. What the members say only names the row; what holds is the hash over the bytes.
func readLink(line []byte) Link {
	var named struct {
		Seq  int64  `json:"seq"`
		ID   int64  `json:"id"`
		Code string `json:"code"`
	}
	if json.Unmarshal(line, &named) != nil || named.Seq <= 0 {
		return Link{Fault: "the line is no row of an export"}
	}
	link := Link{Seq: named.Seq, AuditID: named.ID, Code: named.Code}
	line, link.Keyed = cutKeyed(line)
	cut := len(line) - tail
	if cut <= 0 || !bytes.HasPrefix(line[cut:], []byte(hashMember)) {
		link.Fault = "the line does not end with its hash"
		return link
	}
	hash, err := ParseHash(string(line[cut+len(hashMember) : len(line)-2]))
	if err != nil {
		link.Fault = err.Error()
		return link
	}
	link.Hash = hash
	link.Canonical = append(append(make([]byte, 0, cut+1), line[:cut]...), '}')
	return link
}

// keyedForm is the end of a line whose seal was made with a key. No text of a row can look like it: there a quotation
// mark has a backslash before it.
var keyedForm = regexp.MustCompile(`","mac":"([0-9a-f]{64})","key":"([0-9a-f]{12})","keyed_from":([1-9][0-9]{0,18})}$`)

// keyedTail is no shorter than any such end.
const keyedTail = len(macMember) + 2*len(Hash{}) + len(keyMember) + keyIDDigits + len(fromMember) + 20

// cutKeyed takes the keyed part off a line; without one the line stays as it is.
func cutKeyed(line []byte) ([]byte, Keyed) {
	end := line[max(0, len(line)-keyedTail):]
	at := keyedForm.FindSubmatchIndex(end)
	if at == nil {
		return line, Keyed{}
	}
	from, err := strconv.ParseInt(string(end[at[6]:at[7]]), 10, 64)
	mac, macErr := ParseHash(string(end[at[2]:at[3]]))
	if err != nil || macErr != nil {
		return line, Keyed{}
	}
	left := bytes.Clone(line[:len(line)-len(end)+at[0]])
	return append(left, `"}`...), Keyed{Key: string(end[at[4]:at[5]]), From: from, MAC: mac}
}
