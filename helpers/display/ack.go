package display

import (
	"bytes"
	"errors"
	"io"
)

var errMalformed = errors.New("malformed gob number")

func readUint(r io.ByteReader) (uint64, error) {
	first, err := r.ReadByte()
	if err != nil {
		return 0, err
	}
	if first < 0x80 {
		return uint64(first), nil
	}
	n := -int(int8(first))
	if n > 8 {
		return 0, errMalformed
	}
	var u uint64
	for range n {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		u = u<<8 | uint64(b)
	}
	return u, nil
}

func readInt(r io.ByteReader) (int64, error) {
	u, err := readUint(r)
	if err != nil {
		return 0, err
	}
	if u&1 != 0 {
		return ^int64(u >> 1), nil
	}
	return int64(u >> 1), nil
}

func readString(r *bytes.Reader) (string, error) {
	n, err := readUint(r)
	if err != nil {
		return "", err
	}
	if n > uint64(r.Len()) {
		return "", errMalformed
	}
	b := make([]byte, n)
	_, err = io.ReadFull(r, b)
	return string(b), err
}

// parseAck reads the number out of a message CommValue{Address: "#gonbui/sync_ack",
// Value: number}. It reports false for anything else: definitions of types, and
// values that widgets send.
func parseAck(frame []byte) (number int64, ok bool) {
	r := bytes.NewReader(frame)
	if id, err := readInt(r); err != nil || id < 0 {
		return 0, false
	}
	field := uint64(0) // Address is 1, Request 2, Value 3
	for {
		delta, err := readUint(r)
		if err != nil || delta == 0 || delta > 3 {
			return 0, false
		}
		switch field += delta; field {
		case 1:
			if address, err := readString(r); err != nil || address != addressAck {
				return 0, false
			}
		case 2:
			if _, err := readUint(r); err != nil {
				return 0, false
			}
		case 3:
			if name, err := readString(r); err != nil || name != "int" {
				return 0, false
			}
			// The type's id, the value's length, the zero before a value that is no struct.
			for range 3 {
				if _, err := readUint(r); err != nil {
					return 0, false
				}
			}
			number, err := readInt(r)
			return number, err == nil
		default:
			return 0, false
		}
	}
}
