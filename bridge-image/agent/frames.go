package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
)

// Kinds of frames. README.md says what each carries; the bridge's end is packages/bridge/src/child/agent/frames.ts.
const (
	kindHello byte = iota
	kindOpen
	kindStdin
	kindSignal
	kindCredit
	kindStarted
	kindStdout
	kindStderr
	kindExit
	kindGone
)

const (
	protocolVersion = 1
	// Length (4 bytes, of what follows it), kind (1) and stream (4).
	headerSize = 9
	// Bytes that one channel of a stream may have under way.
	window = 256 << 10
	// Credit is given back in portions, so that small messages do not double the frames.
	creditStep = window / 4
	// The longest piece of output in one frame.
	chunkSize = 32 << 10
	// What a bridge may send at a time; the arguments of a command are the longest.
	maxFrame = 8 << 20
)

// connection writes and reads frames. Writers may be many, the reader is one.
type connection struct {
	socket net.Conn
	reader *bufio.Reader
	mu     sync.Mutex
}

func newConnection(socket net.Conn) *connection {
	return &connection{socket: socket, reader: bufio.NewReaderSize(socket, 64<<10)}
}

// send writes a frame whose payload stands behind headerSize bytes of room.
// Its errors are left to the reader, which meets the broken connection as well.
func (c *connection) send(kind byte, stream uint32, frame []byte) {
	binary.BigEndian.PutUint32(frame, uint32(len(frame)-4))
	frame[4] = kind
	binary.BigEndian.PutUint32(frame[5:], stream)
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = c.socket.Write(frame)
}

func (c *connection) sendBytes(kind byte, stream uint32, payload []byte) {
	c.send(kind, stream, append(make([]byte, headerSize, headerSize+len(payload)), payload...))
}

// grant allows the bridge more bytes on a channel, which is named by the kind of its frames.
func (c *connection) grant(stream uint32, channel byte, bytes int) {
	frame := make([]byte, headerSize+5)
	frame[headerSize] = channel
	binary.BigEndian.PutUint32(frame[headerSize+1:], uint32(bytes))
	c.send(kindCredit, stream, frame)
}

type frame struct {
	kind    byte
	stream  uint32
	payload []byte
}

// receive reads the next frame; io.EOF when the bridge has closed the connection.
func (c *connection) receive() (frame, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(c.reader, header[:]); err != nil {
		return frame{}, err
	}
	size := binary.BigEndian.Uint32(header[:])
	if size < headerSize-4 || size > maxFrame {
		return frame{}, fmt.Errorf("a frame of %d bytes", size)
	}
	payload := make([]byte, size-(headerSize-4))
	if _, err := io.ReadFull(c.reader, payload); err != nil {
		return frame{}, err
	}
	return frame{header[4], binary.BigEndian.Uint32(header[5:]), payload}, nil
}
