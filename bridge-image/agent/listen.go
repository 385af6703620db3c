package main

import (
	"fmt"
	"net"
	"os"
	"syscall"
)

// acceptBridge listens on a path until a process of that user connects. The socket is gone then:
// what is started afterwards finds no way in.
func acceptBridge(path string, uid uint32) (net.Conn, error) {
	// Left by a run before, or put there by a child of it.
	if err := os.RemoveAll(path); err != nil {
		return nil, err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	defer listener.Close() // unlinks
	// Bridge and agent are different users; who connects is asked below.
	if err := os.Chmod(path, 0o666); err != nil {
		return nil, err
	}
	for {
		conn, err := listener.AcceptUnix()
		if err != nil {
			return nil, err
		}
		peer, err := peerOf(conn)
		if err == nil && peer == uid {
			return conn, nil
		}
		say("refused a connection of user %d; the bridge is user %d", peer, uid)
		conn.Close()
	}
}

// peerOf asks the kernel whose connection it is.
func peerOf(conn *net.UnixConn) (uint32, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *syscall.Ucred
	var credErr error
	err = raw.Control(func(fd uintptr) {
		cred, credErr = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err != nil {
		return 0, err
	}
	if credErr != nil {
		return 0, fmt.Errorf("whose connection it is: %w", credErr)
	}
	return cred.Uid, nil
}
