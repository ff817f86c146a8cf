package display

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
)

// The pipe carries encoding/gob. This file writes the five shapes that a display
// needs by hand, after the format's description in package gob, for two reasons
// that were measured or seen:
//   - Linking encoding/gob costs a cell 20 ms of 150.
//   - gob.RegisterName panics if GoNB's gonbui is in the same program, because
//     both want the same names; and two gob encoders in one process give the
//     same types the same ids, so that the kernel's decoder rejects the second
//     stream's definitions as duplicates. Ids of our own exclude that.
//
// wire_test.go holds this against encoding/gob itself.

// Type ids. gob's own begin at 1, a program's at 64 and count up; ours are far
// from both.
const (
	idBool, idInt, idFloat, idBytes, idString, idInterface = 1, 2, 4, 5, 6, 8

	idDisplayData = 1<<20 + iota
	idAnyMap
	idAnySlice
	idCommValue
)

// The names under which kernels register what can stand in an interface.
const (
	nameAnyMap    = "map[string]interface {}"
	nameAnySlice  = "[]interface {}"
	nameCommValue = "github.com/janpfeifer/gonb/gonbui/protocol.CommValue"
)

// Sync is asked for, and answered, by values sent to these addresses.
const (
	addressSync = "#gonbui/sync"
	addressAck  = "#gonbui/sync_ack"
)

func appendUint(b []byte, u uint64) []byte {
	if u < 0x80 {
		return append(b, byte(u))
	}
	n := (bits.Len64(u) + 7) / 8
	b = append(b, byte(-n))
	var full [8]byte
	binary.BigEndian.PutUint64(full[:], u)
	return append(b, full[8-n:]...)
}

func appendInt(b []byte, i int64) []byte {
	if i < 0 {
		return appendUint(b, uint64(^i)<<1|1)
	}
	return appendUint(b, uint64(i)<<1)
}

func appendString(b []byte, s string) []byte {
	return append(appendUint(b, uint64(len(s))), s...)
}

func appendFloat(b []byte, f float64) []byte {
	return appendUint(b, bits.ReverseBytes64(math.Float64bits(f)))
}

// appendMessage frames body: gob prefixes each message with its length.
func appendMessage(b, body []byte) []byte {
	return append(appendUint(b, uint64(len(body))), body...)
}

// definitions describes our types to the decoder; it opens the stream.
func definitions() []byte {
	type field struct {
		name string
		id   int64
	}
	// A wireType is a struct of which one field is set: 1 slice, 2 struct, 3 map
	// (0 is array); each begins with a commonType {Name, Id}.
	begin := func(kind uint64, name string, id int64) []byte {
		b := appendInt(nil, -id)
		b = appendUint(b, kind+1) // delta to the wireType's field
		b = appendUint(b, 1)      // the commonType
		b = appendString(appendUint(b, 1), name)
		b = appendInt(appendUint(b, 1), id)
		return append(b, 0)
	}
	structure := func(out []byte, name string, id int64, fields ...field) []byte {
		b := begin(2, name, id)
		b = appendUint(appendUint(b, 1), uint64(len(fields)))
		for _, f := range fields {
			b = appendString(appendUint(b, 1), f.name)
			b = appendInt(appendUint(b, 1), f.id)
			b = append(b, 0)
		}
		return appendMessage(out, append(b, 0, 0))
	}
	out := structure(nil, "DisplayData", idDisplayData,
		field{"Data", idAnyMap}, field{"Metadata", idAnyMap}, field{"DisplayID", idString})
	out = structure(out, "CommValue", idCommValue,
		field{"Address", idString}, field{"Request", idBool}, field{"Value", idInterface})

	m := begin(3, nameAnyMap, idAnyMap)
	m = appendInt(appendUint(m, 1), idString)    // Key
	m = appendInt(appendUint(m, 1), idInterface) // Elem
	out = appendMessage(out, append(m, 0, 0))

	s := begin(1, nameAnySlice, idAnySlice)
	s = appendInt(appendUint(s, 1), idInterface) // Elem
	return appendMessage(out, append(s, 0, 0))
}

// displayMessage encodes DisplayData{Data: data, DisplayID: id}.
func displayMessage(data map[string]any, id string) ([]byte, error) {
	b := appendInt(nil, idDisplayData)
	b = appendUint(b, 1)
	b, err := appendMap(b, data)
	if err != nil {
		return nil, err
	}
	if id != "" {
		b = appendString(appendUint(b, 2), id) // past Metadata
	}
	return appendMessage(nil, append(b, 0)), nil
}

// syncMessage asks the kernel to acknowledge everything before it.
func syncMessage(number int64) []byte {
	value := appendString(appendUint(nil, 1), addressSync)
	value = appendUint(value, 2) // past Request
	value = appendInterface(value, "int", idInt, append([]byte{0}, appendInt(nil, number)...))
	value = append(value, 0)

	b := appendInt(nil, idDisplayData)
	b = appendUint(appendUint(b, 1), 1) // Data, of one entry
	b = appendString(b, "gonb/comm_value")
	b = appendInterface(b, nameCommValue, idCommValue, value)
	return appendMessage(nil, append(b, 0))
}

// appendInterface writes a value in an interface: its type's registered name and
// id, then its length and bytes. Of a type that is no struct, the value begins
// with a zero.
func appendInterface(b []byte, name string, id int64, value []byte) []byte {
	b = appendInt(appendString(b, name), id)
	return append(appendUint(b, uint64(len(value))), value...)
}

func appendMap(b []byte, m map[string]any) ([]byte, error) {
	b = appendUint(b, uint64(len(m)))
	var err error
	for key, value := range m {
		if b, err = appendAny(appendString(b, key), value); err != nil {
			return nil, fmt.Errorf("%q: %w", key, err)
		}
	}
	return b, nil
}

func appendAny(b []byte, value any) ([]byte, error) {
	single := []byte{0}
	switch v := value.(type) {
	case nil:
		return appendString(b, ""), nil
	case string:
		return appendInterface(b, "string", idString, appendString(single, v)), nil
	case bool:
		var u uint64
		if v {
			u = 1
		}
		return appendInterface(b, "bool", idBool, appendUint(single, u)), nil
	case int:
		return appendInterface(b, "int", idInt, appendInt(single, int64(v))), nil
	case float64:
		return appendInterface(b, "float64", idFloat, appendFloat(single, v)), nil
	case []byte:
		return appendInterface(b, "[]uint8", idBytes, append(appendUint(single, uint64(len(v))), v...)), nil
	case map[string]any:
		body, err := appendMap(single, v)
		if err != nil {
			return nil, err
		}
		return appendInterface(b, nameAnyMap, idAnyMap, body), nil
	case []any:
		body := appendUint(single, uint64(len(v)))
		var err error
		for i, element := range v {
			if body, err = appendAny(body, element); err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return appendInterface(b, nameAnySlice, idAnySlice, body), nil
	}
	return nil, fmt.Errorf("a value of type %T cannot be displayed: use a string, []byte, or a JSON type", value)
}
