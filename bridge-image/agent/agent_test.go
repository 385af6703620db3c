package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary is the agent when it is called with the agent's flags.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "--socket" || os.Args[1] == "--install") {
		main()
		return
	}
	os.Exit(m.Run())
}

const patience = 10 * time.Second

type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	socket string
	ended  chan error
}

func start(t *testing.T, uid int) *program {
	t.Helper()
	p := &program{t: t, socket: filepath.Join(t.TempDir(), "agent.sock"), ended: make(chan error, 1)}
	p.cmd = exec.Command(os.Args[0], "--socket", p.socket, "--uid", strconv.Itoa(uid))
	p.cmd.Env = append(os.Environ(), "OF_THE_IMAGE=seen")
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	eventually(t, "the socket", func() bool {
		info, err := os.Stat(p.socket)
		return err == nil && info.Mode().Perm() == 0o666
	})
	return p
}

func (p *program) exitCode() int {
	p.t.Helper()
	select {
	case err := <-p.ended:
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return exit.ExitCode()
		}
		return 0
	case <-time.After(patience):
		p.t.Fatal("the agent does not end")
		return -1
	}
}

// bridge is the other end, as a test needs it.
type bridge struct {
	t    *testing.T
	conn *connection
}

func connect(t *testing.T) (*program, *bridge) {
	t.Helper()
	p := start(t, os.Getuid())
	socket, err := net.Dial("unix", p.socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	b := &bridge{t, newConnection(socket)}
	hello := b.next()
	if hello.kind != kindHello || !bytes.Equal(hello.payload, []byte{protocolVersion}) {
		t.Fatalf("the first frame is %+v", hello)
	}
	return p, b
}

func (b *bridge) next() frame {
	b.t.Helper()
	_ = b.conn.socket.SetReadDeadline(time.Now().Add(patience))
	f, err := b.conn.receive()
	if err != nil {
		b.t.Fatal(err)
	}
	return f
}

func (b *bridge) open(id uint32, argv ...string) int {
	b.t.Helper()
	b.request(id, argv...)
	f := b.next()
	if f.kind != kindStarted || f.stream != id {
		b.t.Fatalf("not started: %d %s", f.kind, f.payload)
	}
	return int(binary.BigEndian.Uint32(f.payload))
}

func (b *bridge) request(id uint32, argv ...string) {
	payload, _ := json.Marshal(openRequest{Argv: argv})
	b.conn.sendBytes(kindOpen, id, payload)
}

// rest reads a stream to its end, giving credit for what comes.
func (b *bridge) rest(id uint32) (stdout, stderr string, how exitReport) {
	b.t.Helper()
	for {
		f := b.next()
		if f.stream != id {
			continue
		}
		switch f.kind {
		case kindStdout:
			stdout += string(f.payload)
			b.conn.grant(id, kindStdout, len(f.payload))
		case kindStderr:
			stderr += string(f.payload)
			b.conn.grant(id, kindStderr, len(f.payload))
		case kindExit:
			if err := json.Unmarshal(f.payload, &how); err != nil {
				b.t.Fatal(err)
			}
		case kindGone:
			return stdout, stderr, how
		}
	}
}

// line reads stdout up to the first newline.
func (b *bridge) line(id uint32) string {
	b.t.Helper()
	var text string
	for !strings.HasSuffix(text, "\n") {
		if f := b.next(); f.stream == id && f.kind == kindStdout {
			text += string(f.payload)
		}
	}
	return strings.TrimSpace(text)
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

func alive(pid int) bool {
	state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !bytes.Contains(state, []byte(") Z "))
}

func TestRelaysStdinStdoutAndStderr(t *testing.T) {
	_, b := connect(t)
	b.open(1, "sh", "-c", `echo "$OF_THE_IMAGE" >&2; cat; exit 3`)
	b.conn.sendBytes(kindStdin, 1, []byte("one\n"))
	b.conn.sendBytes(kindStdin, 1, []byte("two\n"))
	b.conn.sendBytes(kindStdin, 1, nil)
	stdout, stderr, how := b.rest(1)
	if stdout != "one\ntwo\n" || stderr != "seen\n" || how.Code == nil || *how.Code != 3 {
		t.Fatalf("%q %q %+v", stdout, stderr, how)
	}
}

func TestStartsAProcessWithVariablesOfItsOwn(t *testing.T) {
	_, b := connect(t)
	payload, _ := json.Marshal(openRequest{
		Argv: []string{"sh", "-c", `env | grep -E "^(OF_THE_IMAGE|KEY)=" | sort`},
		Env:  map[string]string{"KEY": "secret", "OF_THE_IMAGE": "changed"},
	})
	b.conn.sendBytes(kindOpen, 1, payload)
	if stdout, _, _ := b.rest(1); stdout != "KEY=secret\nOF_THE_IMAGE=changed\n" {
		t.Fatal(stdout)
	}
	b.open(2, "sh", "-c", `echo "$KEY"`)
	if stdout, _, _ := b.rest(2); stdout != "\n" {
		t.Fatal(stdout)
	}
}

func TestPassesOnMoreThanAWindow(t *testing.T) {
	_, b := connect(t)
	b.open(1, "sh", "-c", "head -c 3000000 /dev/zero")
	if stdout, _, _ := b.rest(1); len(stdout) != 3_000_000 {
		t.Fatalf("%d bytes", len(stdout))
	}
}

func TestSendsNoMoreThanItHasCreditFor(t *testing.T) {
	_, b := connect(t)
	b.open(1, "sh", "-c", "cat /dev/zero")
	got := 0
	for got < window {
		got += len(b.next().payload)
	}
	// Another stream is served all the while, and nothing of the first comes between.
	b.open(2, "sh", "-c", "echo free")
	for {
		f := b.next()
		if f.stream == 1 {
			t.Fatalf("%d bytes without credit", len(f.payload))
		}
		if f.kind == kindGone {
			break
		}
	}
	b.conn.grant(1, kindStdout, 1000)
	if f := b.next(); f.stream != 1 || len(f.payload) != 1000 {
		t.Fatalf("%d bytes for a credit of 1000", len(f.payload))
	}
	b.conn.sendBytes(kindSignal, 1, []byte{byte(syscall.SIGKILL)})
	if _, _, how := b.rest(1); how.Signal == nil || *how.Signal != int(syscall.SIGKILL) {
		t.Fatalf("%+v", how)
	}
}

func TestGrantsStdinAsTheChildReads(t *testing.T) {
	_, b := connect(t)
	b.open(1, "sh", "-c", "read start < /dev/stdin; cat >/dev/null")
	b.conn.sendBytes(kindStdin, 1, append([]byte("go\n"), make([]byte, window-3)...))
	granted := 0
	for granted < window-creditStep {
		f := b.next()
		if f.kind != kindCredit || f.payload[0] != kindStdin {
			t.Fatalf("frame of kind %d", f.kind)
		}
		granted += int(binary.BigEndian.Uint32(f.payload[1:]))
	}
}

func TestEndsWhenTheBridgeSendsMoreThanItMay(t *testing.T) {
	p, b := connect(t)
	pid := b.open(1, "sleep", "1000")
	b.conn.sendBytes(kindStdin, 1, make([]byte, window))
	b.conn.sendBytes(kindStdin, 1, make([]byte, window))
	if code := p.exitCode(); code != 1 {
		t.Fatalf("ended with %d", code)
	}
	eventually(t, "the child's end", func() bool { return !alive(pid) })
}

func TestSaysWhyACommandCannotRun(t *testing.T) {
	_, b := connect(t)
	b.request(1, "/no/such/program")
	if _, _, how := b.rest(1); !strings.Contains(how.Error, "/no/such/program") {
		t.Fatalf("%+v", how)
	}
	b.open(2, "true")
	if _, _, how := b.rest(2); how.Code == nil || *how.Code != 0 {
		t.Fatalf("%+v", how)
	}
}

func TestSignalsTheWholeGroupAfterItsLeaderIsGone(t *testing.T) {
	_, b := connect(t)
	b.open(1, "sh", "-c", "sleep 1000 & echo $!; read -r now")
	left, _ := strconv.Atoi(b.line(1))
	// Only now: the leader's end must not come while the line is being waited for.
	b.conn.sendBytes(kindStdin, 1, []byte("end\n"))
	for f := b.next(); f.kind != kindExit; f = b.next() {
	}
	if !alive(left) {
		t.Fatal("what the leader has left behind is not there")
	}
	b.conn.sendBytes(kindSignal, 1, []byte{byte(syscall.SIGTERM)})
	b.rest(1)
	if alive(left) {
		t.Fatal("gone was said of a group that lives")
	}
}

func TestCollectsOrphans(t *testing.T) {
	p, b := connect(t)
	b.open(1, "sh", "-c", "(setsid sh -c 'exit 0' &) ; sleep 1000")
	zombies := func() int {
		children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", p.cmd.Process.Pid))
		count := 0
		for _, pid := range strings.Fields(string(children)) {
			if number, _ := strconv.Atoi(pid); !alive(number) {
				count++
			}
		}
		return count
	}
	time.Sleep(200 * time.Millisecond)
	eventually(t, "no zombies", func() bool { return zombies() == 0 })
}

func TestLeavesNoGroupWhenTheConnectionBreaks(t *testing.T) {
	p, b := connect(t)
	first := b.open(1, "sleep", "1000")
	b.open(2, "sh", "-c", "sleep 1000 & echo $!; wait")
	second, _ := strconv.Atoi(b.line(2))
	b.conn.socket.Close()
	if code := p.exitCode(); code != 0 {
		t.Fatalf("ended with %d", code)
	}
	eventually(t, "both ends", func() bool { return !alive(first) && !alive(second) })
}

func TestTakesOneConnectionAndClosesTheDoor(t *testing.T) {
	p, _ := connect(t)
	if _, err := os.Lstat(p.socket); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("the socket is still there: %v", err)
	}
}

func TestRefusesOtherUsers(t *testing.T) {
	p := start(t, os.Getuid()+1)
	socket, err := net.Dial("unix", p.socket)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	if got, err := io.ReadAll(socket); err != nil || len(got) != 0 {
		t.Fatalf("%q %v", got, err)
	}
	if _, err := os.Lstat(p.socket); err != nil {
		t.Fatalf("does not wait any more: %v", err)
	}
}

func TestReplacesWhatStandsInItsPlace(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "agent.sock")
	if err := os.MkdirAll(filepath.Join(socket, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = acceptBridge(socket, uint32(os.Getuid())) }()
	eventually(t, "a connection", func() bool {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}

func TestStaysForItsBridgeWhenAskedToEnd(t *testing.T) {
	p, b := connect(t)
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	b.open(1, "sh", "-c", "sleep 0.3; echo still here")
	if stdout, _, _ := b.rest(1); stdout != "still here\n" {
		t.Fatalf("%q", stdout)
	}
	b.conn.socket.Close()
	if code := p.exitCode(); code != 0 {
		t.Fatalf("ended with %d", code)
	}
}

func TestEndsAtOnceWhenNobodyIsServed(t *testing.T) {
	p := start(t, os.Getuid())
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	if code := p.exitCode(); code != 0 {
		t.Fatalf("ended with %d", code)
	}
}

func TestInstallsItself(t *testing.T) {
	target := filepath.Join(t.TempDir(), "mcp-agent")
	if err := exec.Command(os.Args[0], "--install", target).Run(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(target)
	if err != nil || info.Mode().Perm()&0o111 != 0o111 {
		t.Fatalf("%v %v", info, err)
	}
}
