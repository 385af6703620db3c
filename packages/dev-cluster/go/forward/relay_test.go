package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"
)

// start puts a forward before a listener that runs the given handler for each connection.
func start(t *testing.T, handle func(*net.TCPConn)) net.Addr {
	t.Helper()
	target, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			connection, err := target.Accept()
			if err != nil {
				return
			}
			go handle(connection.(*net.TCPConn))
		}
	}()
	front, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go serve(front, target.Addr().String())
	t.Cleanup(func() { target.Close() })
	return front.Addr()
}

func dial(t *testing.T, address net.Addr) *net.TCPConn {
	t.Helper()
	connection, err := net.Dial("tcp4", address.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	connection.SetDeadline(time.Now().Add(5 * time.Second))
	return connection.(*net.TCPConn)
}

func TestAnswerAfterTheClientHasEnded(t *testing.T) {
	client := dial(t, start(t, func(server *net.TCPConn) {
		all, _ := io.ReadAll(server)
		server.Write(append([]byte("got "), all...))
		server.Close()
	}))
	io.WriteString(client, "everything")
	client.CloseWrite()
	answer, err := io.ReadAll(client)
	if err != nil || string(answer) != "got everything" {
		t.Fatalf("got %q, %v", answer, err)
	}
}

func TestEventsAreNotHeldBack(t *testing.T) {
	release := make(chan struct{})
	client := dial(t, start(t, func(server *net.TCPConn) {
		io.WriteString(server, "first\n")
		<-release
		io.WriteString(server, "second\n")
		server.Close()
	}))
	reader := bufio.NewReader(client)
	for _, want := range []string{"first\n", "second\n"} {
		line, err := reader.ReadString('\n')
		if err != nil || line != want {
			t.Fatalf("got %q, %v", line, err)
		}
		if want == "first\n" {
			close(release)
		}
	}
}

func TestRefusedTargetResetsTheClient(t *testing.T) {
	closed, _ := net.Listen("tcp4", "127.0.0.1:0")
	target := closed.Addr().String()
	closed.Close()
	front, _ := net.Listen("tcp4", "127.0.0.1:0")
	go serve(front, target)
	// The reset may come as early as the connecting.
	client, err := net.Dial("tcp4", front.Addr().String())
	if err == nil {
		defer client.Close()
		_, err = io.ReadAll(client)
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("got %v", err)
	}
}
