package audit

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"pointbridge/test/expect"
)

func export(t interface{ Fatal(...any) }, before Head, links []Link) []byte {
	var b bytes.Buffer
	w, err := NewWriter(&b, before)
	end := before
	for _, l := range links {
		err = errors.Join(err, w.Write(l))
		end = Head{l.Seq, l.Hash}
	}
	if err = errors.Join(err, w.Close(end)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// check verifies an export; ok is false for what is no export or does not hold.
func check(data []byte) (got Result, ok bool) {
	e, err := ReadExport(bytes.NewReader(data))
	if err != nil {
		return got, false
	}
	got, err = Verify(e.Links(), Check{Start: e.Start})
	return got, err == nil && got.Bad == nil
}

func TestAnExportVerifiesOnItsOwn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before := start(t)
		links := chain(before, rows(t))
		data := export(t, before, links)
		got, ok := check(data)
		if !ok || got.Rows != int64(len(links)) || got.Head.Hash != links[len(links)-1].Hash {
			t.Fatalf("%+v %v of\n%s", got, got.Bad, data)
		}
		from := rapid.IntRange(0, len(links)-1).Draw(t, "from")
		if from > 0 {
			before = Head{links[from-1].Seq, links[from-1].Hash}
		}
		if got, ok := check(export(t, before, links[from:])); !ok || got.Rows != int64(len(links)-from) {
			t.Fatalf("from %d: %+v %v", from, got, got.Bad)
		}
	})
}

func TestAnyChangeOfAnExportIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		links := chain(Head{}, rows(t))
		data := export(t, Head{}, links)
		lines := bytes.SplitAfter(data, []byte("\n"))
		lines = lines[:len(lines)-1]
		i := rapid.IntRange(1, len(lines)-2).Draw(t, "line")

		if got, ok := check(bytes.Join(append(lines[:i:i], lines[i+1:]...), nil)); ok {
			t.Fatalf("line %d is gone: %+v", i, got)
		} else if i < len(links) && (got.Bad.Seq != int64(i) || got.Bad.Kind != Missing) {
			t.Fatalf("line %d is gone: %v", i, got.Bad)
		}

		at := rapid.IntRange(0, len(lines[i])-2).Draw(t, "byte")
		changed := bytes.Clone(lines[i])
		changed[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if bytes.EqualFold(changed, lines[i]) && at >= len(changed)-1-tail {
			t.Skip("a digit of the hash in capitals is the same digit")
		}
		got, ok := check(bytes.Join(append(append(lines[:i:i], changed), lines[i+1:]...), nil))
		if ok || got.Bad == nil || got.Rows != int64(i-1) {
			t.Fatalf("byte %d of line %d: %+v %v", at, i, got, got.Bad)
		}

		if got, ok := check(data[:rapid.IntRange(0, len(data)-2).Draw(t, "cut")]); ok {
			t.Fatalf("a file that was cut holds: %+v", got)
		}
	})
}

func TestWhatIsNoExport(t *testing.T) {
	t.Parallel()
	zero := Hash{}.String()
	for name, text := range map[string]string{
		"nothing": "", "no JSON": "hello\n", "no head": `{"seq":1}` + "\n",
		"a negative head": `{"previous":{"seq":-1,"hash":"` + zero + `"}}`,
		"a short hash":    `{"previous":{"seq":0,"hash":"00"}}` + "\n", "a line without end": strings.Repeat("x",
			maxLine+2),
	} {
		if _, err := ReadExport(strings.NewReader(text)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	first := `{"previous":{"seq":0,"hash":"` + zero + `"}}` + "\n"
	end := `{"end":{"seq":0,"hash":"` + zero + `"}}` + "\n"
	for name, tc := range map[string]struct {
		text string
		kind Kind
	}{
		"no end":          {first, Missing},
		"another end":     {first + strings.Replace(end, `"seq":0`, `"seq":4`, 1), Missing},
		"more after it":   {first + end + end, Changed},
		"no row":          {first + "{}\n" + end, Changed},
		"no hash":         {first + `{"seq":1,"id":1,"code":"X"}` + "\n" + end, Changed},
		"half a hash":     {first + `{"seq":1,"id":1,"hash":"00"}` + "\n" + end, Changed},
		"a hash of words": {first + `{"seq":1,"hash":"` + strings.Repeat("zz", 32) + `"}` + "\n" + end, Changed},
	} {
		got, ok := check([]byte(tc.text))
		expect.MustEqual(t, "ok", ok, false, name, got.Bad)
		expect.MustThat(t, "got.Bad != nil", got.Bad != nil, name)
		expect.Equal(t, "got.Bad.Kind", got.Bad.Kind, tc.kind, name, got.Bad)
		expect.Equal(t, "got.Bad.Seq", got.Bad.Seq, 1, name, got.Bad)
	}
	e, err := ReadExport(io.MultiReader(strings.NewReader(first), iotest.ErrReader(os.ErrDeadlineExceeded)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(e.Links(), Check{Start: e.Start}); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a file that cannot be read gives %v", err)
	}
}

// FuzzExport feeds the reader anything: it ends, and what it finds sound is the export of what it read.
func FuzzExport(f *testing.F) {
	r := Row{ID: 1, Actor: "key:1", Action: "x", Outcome: "done", Detail: "{}"}
	good := export(f, Head{}, chain(Head{}, []Row{r, r}))
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte(`{"previous":{"seq":0,"hash":"` + Hash{}.String() + `"}}`))
	f.Add(bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n")))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := ReadExport(bytes.NewReader(data))
		if err != nil {
			return
		}
		var links []Link
		for l, err := range e.Links() {
			if err != nil {
				return
			}
			links = append(links, l)
		}
		got, err := Verify(each(links), Check{Start: e.Start})
		expect.MustEqual(t, "err", err, nil)
		expect.MustThat(t, "got.Rows <= int64(len(links))", got.Rows <= int64(len(links)), got.Rows, int64(len(links)))
		if got.Bad == nil {
			if again, ok := check(export(t, e.Start, links)); !ok || again.Head != got.Head {
				t.Fatalf("what holds does not hold when it is written again: %+v", again)
			}
		}
	})
}
