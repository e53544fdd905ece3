package functions

import (
	"math"

	"github.com/tetratelabs/wazero/api"
)

// status is what each call that writes returns.
type status uint32

const (
	written status = iota
	_              // of the provider's own output
	expectedKey
	objectLength
	alreadyWritten
	notAnObject
	_
	arrayLength
	notAnArray
)

// level is an object or a list that is being written.
type level struct {
	object  map[string]any
	list    []any
	isList  bool
	size    uint32
	entered uint32 // of an object its names count as well
	name    string
}

// failed keeps the first fault, by which the answer as a whole is none.
func (r *run) failed(s status) status {
	if r.wrong == written {
		r.wrong = s
	}
	return s
}

// put writes a value where the next one belongs.
func (r *run) put(value any) status {
	if r.done {
		return r.failed(alreadyWritten)
	}
	if len(r.levels) == 0 {
		r.output, r.done = value, true
		return written
	}
	top := &r.levels[len(r.levels)-1]
	text, isText := value.(string)
	switch {
	case top.isList && top.entered >= top.size:
		return r.failed(arrayLength)
	case top.isList:
		top.list = append(top.list, value)
	case top.entered >= 2*top.size:
		return r.failed(objectLength)
	case top.entered%2 == 1:
		top.object[top.name] = value
	case !isText:
		return r.failed(expectedKey)
	default:
		top.name = text
	}
	top.entered++
	return written
}

// begin opens a level. Where it belongs is looked at when it ends, but a name must not be missing.
func (r *run) begin(next level) status {
	if r.done {
		return r.failed(alreadyWritten)
	}
	if n := len(r.levels); n > 0 && !r.levels[n-1].isList && r.levels[n-1].entered%2 == 0 {
		return r.failed(expectedKey)
	}
	r.levels = append(r.levels, next)
	return written
}

func (r *run) end(isList bool) status {
	n := len(r.levels)
	wrongKind, wrongSize := notAnObject, objectLength
	if isList {
		wrongKind, wrongSize = notAnArray, arrayLength
	}
	if n == 0 || r.levels[n-1].isList != isList {
		return r.failed(wrongKind)
	}
	top := r.levels[n-1]
	want := top.size
	if !isList {
		want *= 2
	}
	if top.entered != want {
		return r.failed(wrongSize)
	}
	r.levels = r.levels[:n-1]
	if isList {
		return r.put(top.list)
	}
	return r.put(top.object)
}

func (r *run) newBool(_ api.Memory, stack []uint64) {
	stack[0] = uint64(r.put(api.DecodeU32(stack[0]) != 0))
}

// newNull, like every call without parameters that returns something, has its result in a slot of its own.
func (r *run) newNull(_ api.Memory, stack []uint64) { stack[0] = uint64(r.put(nil)) }

func (r *run) newInt(_ api.Memory, stack []uint64) {
	stack[0] = uint64(r.put(float64(api.DecodeI32(stack[0]))))
}

func (r *run) newFloat(_ api.Memory, stack []uint64) {
	stack[0] = uint64(r.put(math.Float64frombits(stack[0])))
}

func (r *run) newString(memory api.Memory, stack []uint64) {
	text, ok := memory.Read(api.DecodeU32(stack[0]), api.DecodeU32(stack[1]))
	if !ok {
		panic("a text is written from beyond the memory's end")
	}
	stack[0] = uint64(r.put(string(text)))
}

func (r *run) newObject(_ api.Memory, stack []uint64) {
	stack[0] = uint64(r.begin(level{object: map[string]any{}, size: api.DecodeU32(stack[0])}))
}

func (r *run) finishObject(_ api.Memory, stack []uint64) { stack[0] = uint64(r.end(false)) }

func (r *run) newArray(_ api.Memory, stack []uint64) {
	stack[0] = uint64(r.begin(level{list: []any{}, isList: true, size: api.DecodeU32(stack[0])}))
}

func (r *run) finishArray(_ api.Memory, stack []uint64) { stack[0] = uint64(r.end(true)) }
