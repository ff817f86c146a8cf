//go:build !unix

package zmtp

import "net"

// arrivedUnread cannot know here; what has been read still counts.
func arrivedUnread(net.Conn) bool { return false }
