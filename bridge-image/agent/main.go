// mcp-agent starts the processes of an MCP server for the bridge in the container beside it. See README.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

func main() {
	socket := flag.String("socket", "", "where to wait for the bridge")
	uid := flag.Uint("uid", 0, "the bridge's user; others are refused")
	install := flag.String("install", "", "copy this program to a file, and do nothing else")
	flag.Parse()
	var err error
	switch {
	case *install != "":
		err = copySelf(*install)
	case *socket == "" || flag.NArg() > 0:
		err = errors.New("usage: mcp-agent --socket PATH --uid USER, or mcp-agent --install PATH")
	default:
		err = run(*socket, uint32(*uid))
	}
	if err != nil {
		say("%v", err)
		os.Exit(1)
	}
}

func run(socket string, uid uint32) error {
	// Children are of the same user. They must not reach into this process, where all their messages pass.
	if err := prctl(syscall.PR_SET_DUMPABLE, 0); err != nil {
		return fmt.Errorf("cannot shut others out of this process: %w", err)
	}
	// As pid 1 this is so anyway.
	if err := prctl(prSetChildSubreaper, 1); err != nil {
		return fmt.Errorf("cannot collect orphans: %w", err)
	}
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	var connected atomic.Bool
	go heedSignals(&connected)

	say("waiting for the bridge at %s", socket)
	conn, err := acceptBridge(socket, uid)
	if err != nil {
		return err
	}
	connected.Store(true)
	say("the bridge is here")
	a := newAgent(newConnection(conn))
	go a.reap(children)
	err = a.serve()
	a.killAll()
	if errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) {
		say("the bridge is gone")
		return nil
	}
	return fmt.Errorf("the connection to the bridge: %w", err)
}

// heedSignals ends the program when it is asked to and serves nobody. With a bridge it stays: a pod's containers are
// asked all at once, and the bridge still has calls to finish. It closes the connection then.
func heedSignals(connected *atomic.Bool) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT)
	for range asked {
		if !connected.Load() {
			os.Exit(0)
		}
	}
}

// copySelf writes this program to a file that everybody may run: images of servers have no copying program.
func copySelf(path string) error {
	from, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(to, from); err != nil {
		return err
	}
	return to.Close()
}

// Not among the constants of package syscall.
const prSetChildSubreaper = 36

func prctl(option, value uintptr) error {
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, option, value, 0); errno != 0 {
		return errno
	}
	return nil
}

func say(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "mcp-agent: "+format+"\n", values...)
}
