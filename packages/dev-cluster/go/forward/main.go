// Command forward joins the host to a cluster that lives in a network namespace
// of its own: it listens on loopback ports of the host and carries each
// connection to an address inside the cluster.
//
//	nsenter --net=/run/netns/mcp-dev forward -host-netns /proc/self/fd/3 \
//	    127.0.0.1:16443=10.244.0.1:6443 127.0.0.1:30000-30049=10.244.0.1:30000-30049
//
// It runs inside the cluster's namespace, so dialling needs no care; only the
// listeners are made in the host's namespace, and a socket stays in the
// namespace it was made in.
package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

func main() {
	hostNamespace := flag.String("host-netns", "", "path of the network namespace to listen in")
	flag.Parse()
	if err := run(*hostNamespace, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "forward:", err)
		os.Exit(1)
	}
}

func run(hostNamespace string, arguments []string) error {
	var routes []route
	for _, argument := range arguments {
		parsed, err := parseRoutes(argument)
		if err != nil {
			return err
		}
		routes = append(routes, parsed...)
	}
	listeners, err := listenIn(hostNamespace, routes)
	if err != nil {
		return err
	}
	for i, listener := range listeners {
		go serve(listener, routes[i].target)
	}
	fmt.Printf("forward: %d ports are open\n", len(listeners))
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	<-stop
	return nil
}

// listenIn opens every listener on one thread that has been moved to the given
// namespace. The thread is never given back: the runtime ends it together with
// the goroutine, so no other work can run in the wrong namespace.
func listenIn(namespace string, routes []route) ([]net.Listener, error) {
	type result struct {
		listeners []net.Listener
		err       error
	}
	done := make(chan result, 1)
	go func() {
		runtime.LockOSThread()
		listeners, err := enterAndListen(namespace, routes)
		done <- result{listeners, err}
	}()
	r := <-done
	return r.listeners, r.err
}

func enterAndListen(namespace string, routes []route) ([]net.Listener, error) {
	if namespace != "" {
		file, err := os.Open(namespace)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		if err := unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
			return nil, fmt.Errorf("entering %s: %w", namespace, err)
		}
	}
	listeners := make([]net.Listener, 0, len(routes))
	for _, r := range routes {
		listener, err := net.Listen("tcp4", r.listen)
		if err != nil {
			return nil, err
		}
		listeners = append(listeners, listener)
	}
	return listeners, nil
}
