package jupyter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
)

// A Connection says where a kernel listens and with which key messages are
// signed: the contents of a connection file.
type Connection struct {
	Transport string `json:"transport"` // "tcp" or "ipc"
	IP        string `json:"ip"`        // an address, "*" for all; for ipc the beginning of a path
	Shell     int    `json:"shell_port"`
	IOPub     int    `json:"iopub_port"`
	Stdin     int    `json:"stdin_port"`
	Control   int    `json:"control_port"`
	Heartbeat int    `json:"hb_port"`
	Key       string `json:"key"` // empty: messages are not signed
	Scheme    string `json:"signature_scheme"`
	Kernel    string `json:"kernel_name,omitempty"`

	readable fs.FileMode // by whom, beside its owner, the file could be read
}

// ReadConnection reads and checks a connection file.
func ReadConnection(path string) (Connection, error) {
	c, err := readConnection(path)
	if err != nil {
		return Connection{}, fmt.Errorf("connection file %s: %w", path, err)
	}
	return c, nil
}

func readConnection(path string) (Connection, error) {
	f, err := os.Open(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err // the caller names the path
		}
		return Connection{}, err
	}
	defer f.Close()
	var file struct {
		Connection
		CurveKey *string `json:"curve_publickey"`
	}
	d := json.NewDecoder(f)
	if err := d.Decode(&file); err != nil {
		return Connection{}, fmt.Errorf("not a connection file: %w", err)
	}
	c := file.Connection
	if info, err := f.Stat(); err == nil {
		c.readable = info.Mode().Perm() & 0o044
	}
	if c.Transport == "" {
		c.Transport = "tcp"
	}
	if c.Scheme == "" {
		c.Scheme = "hmac-sha256"
	}
	var problems []string
	complain := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if c.Transport != "tcp" && c.Transport != "ipc" {
		complain("transport is %q, want tcp or ipc", c.Transport)
	}
	if c.IP == "" {
		complain("ip is missing")
	}
	if c.Scheme != "hmac-sha256" {
		complain("signature_scheme is %q, want hmac-sha256", c.Scheme)
	}
	if file.CurveKey != nil {
		complain("it asks for CURVE encryption, which this kernel does not have")
	}
	taken := make(map[int]string)
	for _, ch := range c.channels() {
		switch port := *ch.port; {
		case port == 0:
			complain("%s is missing", ch.name)
		case port < 0, port > 65535 && c.Transport == "tcp":
			complain("%s is %d, which is not a port", ch.name, port)
		case taken[port] != "":
			complain("%s and %s are both %d", taken[port], ch.name, port)
		default:
			taken[port] = ch.name
		}
	}
	if problems != nil {
		return Connection{}, errors.New(strings.Join(problems, "; "))
	}
	return c, nil
}

// A channel is one of the five.
type channel struct {
	name string // of its port in a connection file
	port *int
}

// channels returns the five of c in the order of connection files.
func (c *Connection) channels() []channel {
	return []channel{
		{"shell_port", &c.Shell}, {"iopub_port", &c.IOPub}, {"stdin_port", &c.Stdin},
		{"control_port", &c.Control}, {"hb_port", &c.Heartbeat},
	}
}

// address returns network and address of one of c's ports, for net.Listen.
func (c *Connection) address(port int) (network, address string) {
	if c.Transport == "ipc" {
		return "unix", c.IP + "-" + strconv.Itoa(port)
	}
	ip := c.IP
	if ip == "*" {
		ip = ""
	}
	return "tcp", net.JoinHostPort(ip, strconv.Itoa(port))
}
