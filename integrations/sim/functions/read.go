package functions

import (
	"math"

	"github.com/tetratelabs/wazero/api"
)

// A value is a number, or a tag in bits 46 to 49, a length in bits 32 to 45 and an address in the lower 32.
const (
	boxed         uint64 = 0x7FFC_0000_0000_0000
	tagNull       uint64 = 0
	tagBool       uint64 = 1
	tagString     uint64 = 3
	tagObject     uint64 = 4
	tagArray      uint64 = 5
	tagError      uint64 = 15
	longestLength        = 1<<14 - 1
)

// The errors that a value can be.
const (
	errNotAnObject    = 1
	errReading        = 3
	errIndexTooLarge  = 5
	errNotIndexable   = 6
	noLength          = math.MaxUint32
	firstValueAddress = 16 // nothing has the address 0
)

func box(tag uint64, length int, value uint32) uint64 {
	return boxed | tag<<46 | uint64(min(length, longestLength))<<32 | uint64(value)
}

// keep gives a value an address.
func (r *run) keep(value any) uint64 {
	switch v := value.(type) {
	case nil:
		return box(tagNull, 0, 0)
	case bool:
		if v {
			return box(tagBool, 0, 1)
		}
		return box(tagBool, 0, 0)
	case float64:
		return math.Float64bits(v)
	case string:
		return box(tagString, len(v), r.address(v))
	case map[string]any:
		return box(tagObject, len(v), r.address(v))
	case []any:
		return box(tagArray, len(v), r.address(v))
	default:
		return box(tagError, 0, errReading)
	}
}

func (r *run) address(value any) uint32 {
	r.kept = append(r.kept, value)
	return uint32(firstValueAddress * len(r.kept))
}

// at is nil for what was never an address.
func (r *run) valueAt(address uint32) any {
	i := int(address)/firstValueAddress - 1
	if address%firstValueAddress != 0 || i < 0 || i >= len(r.kept) {
		return nil
	}
	return r.kept[i]
}

// value is what a boxed one leads to; nil for all others.
func (r *run) value(v uint64) any {
	if v&boxed != boxed {
		return nil
	}
	switch v >> 46 & 15 {
	case tagString, tagObject, tagArray:
		return r.valueAt(uint32(v))
	default:
		return nil
	}
}

func (r *run) get(_ api.Memory, stack []uint64) { stack[0] = r.root }

func (r *run) length(_ api.Memory, stack []uint64) {
	switch v := r.value(stack[0]).(type) {
	case string:
		stack[0] = uint64(len(v))
	case map[string]any:
		stack[0] = uint64(len(v))
	case []any:
		stack[0] = uint64(len(v))
	default:
		stack[0] = noLength
	}
}

// readString copies as much as was asked for. The lower half of a parameter is all that counts: compiled code leaves
// in the upper one what was there.
func (r *run) readString(memory api.Memory, stack []uint64) {
	text, _ := r.valueAt(api.DecodeU32(stack[0])).(string)
	into, length := api.DecodeU32(stack[1]), api.DecodeU32(stack[2])
	if !memory.WriteString(into, text[:min(len(text), int(length))]) || int(length) > len(text) {
		panic("a string is read beyond its end, or the memory's")
	}
}

func (r *run) property(memory api.Memory, stack []uint64) {
	name, ok := memory.Read(api.DecodeU32(stack[1]), api.DecodeU32(stack[2]))
	if !ok {
		panic("a name is read beyond the memory's end")
	}
	object, ok := r.value(stack[0]).(map[string]any)
	if !ok {
		stack[0] = box(tagError, 0, errNotAnObject)
		return
	}
	stack[0] = r.keep(object[string(name)])
}

func (r *run) at(_ api.Memory, stack []uint64) {
	index := int(api.DecodeU32(stack[1]))
	list, ok := r.value(stack[0]).([]any)
	switch {
	case !ok:
		stack[0] = box(tagError, 0, errNotIndexable)
	case index >= len(list):
		stack[0] = box(tagError, 0, errIndexTooLarge)
	default:
		stack[0] = r.keep(list[index])
	}
}
