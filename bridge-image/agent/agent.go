package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"syscall"
)

// agent does what its bridge asks for, over one connection.
type agent struct {
	conn *connection
	// Held while a process is started, so that its end is not collected before it is known.
	mu      sync.Mutex
	streams map[uint32]*stream
	leaders map[int]*stream
}

func newAgent(conn *connection) *agent {
	return &agent{conn: conn, streams: map[uint32]*stream{}, leaders: map[int]*stream{}}
}

// serve returns when the connection has ended or the bridge does not keep to the protocol.
func (a *agent) serve() error {
	a.conn.sendBytes(kindHello, 0, []byte{protocolVersion})
	for {
		frame, err := a.conn.receive()
		if err != nil {
			return err
		}
		if err := a.handle(frame); err != nil {
			return err
		}
	}
}

func (a *agent) handle(f frame) error {
	if f.kind == kindOpen {
		return a.open(f.stream, f.payload)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	s, ok := a.streams[f.stream]
	if !ok {
		return nil // gone while this was on its way
	}
	switch {
	case f.kind == kindStdin && len(f.payload) == 0:
		s.stdin.end()
	case f.kind == kindStdin:
		return s.stdin.add(f.payload)
	case f.kind == kindSignal && len(f.payload) == 1:
		_ = s.signal(syscall.Signal(f.payload[0]))
	case f.kind == kindCredit && len(f.payload) == 5:
		bytes := int(binary.BigEndian.Uint32(f.payload[1:]))
		if f.payload[0] == kindStderr {
			s.stderr.add(bytes)
		} else {
			s.stdout.add(bytes)
		}
	default:
		return fmt.Errorf("a frame of kind %d with %d bytes", f.kind, len(f.payload))
	}
	return nil
}

type openRequest struct {
	Argv []string `json:"argv"`
	// Variables of this process alone, which win over the agent's.
	Env map[string]string `json:"env,omitempty"`
}

func (a *agent) open(id uint32, payload []byte) error {
	var request openRequest
	if err := json.Unmarshal(payload, &request); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.streams[id]; ok {
		return fmt.Errorf("stream %d is open already", id)
	}
	s, err := openStream(a.conn, id, request)
	if err != nil {
		sendReport(a.conn, id, exitReport{Error: err.Error()})
		a.conn.sendBytes(kindGone, id, nil)
		return nil
	}
	a.streams[id] = s
	a.leaders[s.pid] = s
	s.run()
	return nil
}

// reap collects every process that has ended, orphans too, each time that children tells of one.
func (a *agent) reap(children <-chan os.Signal) {
	for range children {
		a.collect()
	}
}

func (a *agent) collect() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid == 0 {
			return
		}
		s, ok := a.leaders[pid]
		if !ok {
			continue // an orphan that fell to us
		}
		delete(a.leaders, pid)
		go func() {
			s.finish(status)
			a.mu.Lock()
			defer a.mu.Unlock()
			delete(a.streams, s.id)
		}()
	}
}

// killAll leaves no group behind.
func (a *agent) killAll() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.streams {
		_ = s.signal(syscall.SIGKILL)
	}
}
