package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// How often a group without its leader is looked at.
	groupPoll = 20 * time.Millisecond
	// How long output may still take to arrive when nobody is left who could write it.
	lastOutput = 200 * time.Millisecond
)

// exitReport says how a process ended: by a code, by a signal, or that it never ran.
type exitReport struct {
	Code   *int   `json:"code,omitempty"`
	Signal *int   `json:"signal,omitempty"`
	Error  string `json:"error,omitempty"`
}

// stream is one process group and its three channels.
type stream struct {
	id     uint32
	conn   *connection
	pid    int
	stdin  *inbox
	stdout *credit
	stderr *credit
	// The agent's ends of the pipes.
	pipes []*os.File
	// Output that is still being passed on, and the feeding of stdin.
	pumps, feeder sync.WaitGroup
}

// environment is the agent's own with more variables. One that stood twice would be read differently by different programs.
func environment(more map[string]string) []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		_, replaced := more[name]
		return replaced
	})
	for name, value := range more {
		env = append(env, name+"="+value)
	}
	return env
}

// openStream starts a process as the leader of a group of its own. Whoever calls it keeps the reaper waiting.
func openStream(conn *connection, id uint32, request openRequest) (*stream, error) {
	argv := request.Argv
	if len(argv) == 0 {
		return nil, errors.New("no command")
	}
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return nil, err
	}
	s := &stream{id: id, conn: conn, stdin: newInbox(), stdout: newCredit(), stderr: newCredit()}
	var theirs []*os.File
	defer func() {
		for _, file := range theirs {
			file.Close()
		}
	}()
	for channel := range 3 {
		reading, writing, err := os.Pipe()
		if err != nil {
			s.closePipes()
			return nil, err
		}
		if channel == 0 {
			reading, writing = writing, reading
		}
		s.pipes = append(s.pipes, reading)
		theirs = append(theirs, writing)
	}
	s.pid, err = syscall.ForkExec(path, argv, &syscall.ProcAttr{
		Env:   environment(request.Env),
		Files: []uintptr{theirs[0].Fd(), theirs[1].Fd(), theirs[2].Fd()},
		Sys:   &syscall.SysProcAttr{Setpgid: true},
	})
	if err != nil {
		s.closePipes()
		return nil, &os.PathError{Op: "exec", Path: path, Err: err}
	}
	return s, nil
}

// run passes everything on, once the process is known.
func (s *stream) run() {
	s.conn.sendBytes(kindStarted, s.id, binary.BigEndian.AppendUint32(nil, uint32(s.pid)))
	s.feeder.Go(s.feed)
	s.pumps.Go(func() { s.pump(kindStdout, s.pipes[1], s.stdout) })
	s.pumps.Go(func() { s.pump(kindStderr, s.pipes[2], s.stderr) })
}

func (s *stream) feed() {
	pipe := s.pipes[0]
	granted := 0
	for piece := s.stdin.next(); piece != nil; piece = s.stdin.next() {
		// A child that does not read any more makes this fail at once; the rest is thrown away then.
		_, _ = pipe.Write(piece)
		s.stdin.taken(len(piece))
		if granted += len(piece); granted >= creditStep {
			s.conn.grant(s.id, kindStdin, granted)
			granted = 0
		}
	}
	pipe.Close()
}

func (s *stream) pump(kind byte, pipe *os.File, allowed *credit) {
	frame := make([]byte, headerSize+chunkSize)
	for {
		most := allowed.wait(chunkSize)
		if most == 0 {
			break
		}
		n, err := pipe.Read(frame[headerSize : headerSize+most])
		if n > 0 {
			allowed.add(-n)
			s.conn.send(kind, s.id, frame[:headerSize+n])
		}
		if err != nil {
			break
		}
	}
	s.conn.sendBytes(kind, s.id, nil)
}

// signal reaches the whole group, also when its leader is gone.
func (s *stream) signal(signal syscall.Signal) error {
	return syscall.Kill(-s.pid, signal)
}

// finish reports the leader's end, then waits until its group is empty. Nothing is sent for the stream afterwards.
func (s *stream) finish(status syscall.WaitStatus) {
	s.report(reportOf(status))
	for s.signal(0) != syscall.ESRCH {
		time.Sleep(groupPoll)
	}
	done := make(chan struct{})
	go func() {
		s.pumps.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(lastOutput):
		// Somebody outside of the group holds the pipes, or the bridge does not read.
	}
	s.stdout.close()
	s.stderr.close()
	s.stdin.end()
	s.closePipes()
	<-done
	s.feeder.Wait()
	s.conn.sendBytes(kindGone, s.id, nil)
}

func (s *stream) closePipes() {
	for _, pipe := range s.pipes {
		pipe.Close()
	}
}

func (s *stream) report(how exitReport) {
	sendReport(s.conn, s.id, how)
}

func sendReport(conn *connection, id uint32, how exitReport) {
	text, err := json.Marshal(how)
	if err != nil {
		panic(err) // numbers and a text
	}
	conn.sendBytes(kindExit, id, text)
}

func reportOf(status syscall.WaitStatus) exitReport {
	if status.Signaled() {
		signal := int(status.Signal())
		return exitReport{Signal: &signal}
	}
	code := status.ExitStatus()
	return exitReport{Code: &code}
}
