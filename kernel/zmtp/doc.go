// Package zmtp speaks the bind side of ZMTP 3.1, ZeroMQ's wire protocol
// (https://rfc.zeromq.org/spec/37), for the two socket types that a Jupyter
// kernel binds: ROUTER and XPUB, over TCP and Unix sockets, with the NULL
// mechanism. Its peers are libzmq's DEALER, REQ, ROUTER, SUB and XSUB.
//
// A kernel's ports are open to whoever can reach them, and a message is only
// authenticated by the layer above. So nothing that a connection does before
// that may harm another one. The invariants:
//
//   - One goroutine accepts, and does nothing else. Each connection has one
//     goroutine that shakes hands and then reads, and after the handshake one
//     that writes. Shutdown and Close wait for all of them.
//   - A handler runs on the reading goroutine of the connection that sent the
//     message. A connection that floods keeps only its own goroutine busy.
//   - Sending never blocks. Every connection has its own queue; one that stays
//     behind by more than Options.QueueSoft for longer than Options.QueueFor,
//     or passes Options.QueueHard at all, is closed. Nothing else drops a
//     message that was queued.
//   - Memory is allocated as bytes arrive, never by an announced size, and
//     connections that no handler has vouched for share one allowance.
//   - When the connections reach their cap, a new one takes the place of the
//     oldest that has not finished its handshake, or else of the one that has
//     been silent the longest and was never vouched for.
//
// All exported methods are safe for concurrent use.
package zmtp
