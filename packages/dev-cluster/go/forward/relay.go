package main

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// dialTimeout bounds how long a client waits for a cluster that does not answer.
const dialTimeout = 10 * time.Second

// serve carries every connection of one listener to its target.
func serve(listener net.Listener, target string) {
	for {
		client, err := listener.Accept()
		if err != nil {
			// Out of file descriptors, say: the listener itself is fine.
			os.Stderr.WriteString("forward: " + err.Error() + "\n")
			time.Sleep(100 * time.Millisecond)
			continue
		}
		go connect(client.(*net.TCPConn), target)
	}
}

func connect(client *net.TCPConn, target string) {
	defer client.Close()
	upstream, err := net.DialTimeout("tcp4", target, dialTimeout)
	if err != nil {
		// A reset tells the client "refused", which a clean end would not.
		client.SetLinger(0)
		return
	}
	defer upstream.Close()
	relay(client, upstream.(*net.TCPConn))
}

// relay copies both ways until both ends have said all. An end of input on one
// side becomes an end of output on the other, while the way back stays open.
// Go switches Nagle's delay off by default, and the kernel splices the bytes
// from socket to socket, so nothing is held back.
func relay(a, b *net.TCPConn) {
	var both sync.WaitGroup
	both.Add(2)
	go func() { defer both.Done(); pipe(a, b) }()
	go func() { defer both.Done(); pipe(b, a) }()
	both.Wait()
}

func pipe(to, from *net.TCPConn) {
	_, err := io.Copy(to, from)
	if err != nil {
		// One end broke: no use in keeping half of the connection.
		to.SetLinger(0)
		to.Close()
		from.Close()
		return
	}
	to.CloseWrite()
}
