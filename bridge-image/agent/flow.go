package main

import (
	"errors"
	"sync"
)

// credit is what a channel to the bridge may still send.
type credit struct {
	mu     sync.Mutex
	more   sync.Cond
	left   int
	closed bool
}

func newCredit() *credit {
	c := &credit{left: window}
	c.more.L = &c.mu
	return c
}

// wait blocks until something may be sent, and says how much, at most max; 0 when the channel is closed.
func (c *credit) wait(max int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.left == 0 && !c.closed {
		c.more.Wait()
	}
	if c.closed {
		return 0
	}
	return min(c.left, max)
}

func (c *credit) add(bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left += bytes
	c.more.Broadcast()
}

func (c *credit) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.more.Broadcast()
}

var errOverrun = errors.New("more stdin than there was credit for")

// inbox keeps what the bridge has sent for a child that has not read it yet: at most a window.
type inbox struct {
	mu     sync.Mutex
	more   sync.Cond
	pieces [][]byte
	size   int
	ended  bool
}

func newInbox() *inbox {
	i := &inbox{}
	i.more.L = &i.mu
	return i
}

func (i *inbox) add(piece []byte) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.size += len(piece)
	if i.size > window {
		return errOverrun
	}
	i.pieces = append(i.pieces, piece)
	i.more.Signal()
	return nil
}

// next blocks for the next piece; nil when there will be none.
func (i *inbox) next() []byte {
	i.mu.Lock()
	defer i.mu.Unlock()
	for len(i.pieces) == 0 && !i.ended {
		i.more.Wait()
	}
	if len(i.pieces) == 0 {
		return nil
	}
	piece := i.pieces[0]
	i.pieces = i.pieces[1:]
	return piece
}

// taken makes room again after a piece has been passed on.
func (i *inbox) taken(bytes int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.size -= bytes
}

func (i *inbox) end() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ended = true
	i.more.Signal()
}
