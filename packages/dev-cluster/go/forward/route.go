package main

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// route says which address inside the cluster answers for one on the host.
type route struct {
	listen string
	target string
}

// parseRoutes reads "listen=target", where both sides may carry a range of
// ports of the same length ("127.0.0.1:30000-30049=10.244.0.1:30000-30049").
func parseRoutes(argument string) ([]route, error) {
	left, right, found := strings.Cut(argument, "=")
	if !found {
		return nil, fmt.Errorf("%q is not listen=target", argument)
	}
	listenHost, listenFirst, listenLast, err := parseAddress(left)
	if err != nil {
		return nil, err
	}
	targetHost, targetFirst, targetLast, err := parseAddress(right)
	if err != nil {
		return nil, err
	}
	if listenLast-listenFirst != targetLast-targetFirst {
		return nil, fmt.Errorf("%q joins ranges of different length", argument)
	}
	routes := make([]route, 0, listenLast-listenFirst+1)
	for offset := 0; offset <= listenLast-listenFirst; offset++ {
		routes = append(routes, route{
			listen: net.JoinHostPort(listenHost, strconv.Itoa(listenFirst+offset)),
			target: net.JoinHostPort(targetHost, strconv.Itoa(targetFirst+offset)),
		})
	}
	return routes, nil
}

// parseAddress splits "host:port" or "host:first-last".
func parseAddress(address string) (host string, first, last int, err error) {
	host, ports, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, 0, err
	}
	low, high, isRange := strings.Cut(ports, "-")
	if !isRange {
		high = low
	}
	if first, err = parsePort(low); err != nil {
		return "", 0, 0, err
	}
	if last, err = parsePort(high); err != nil {
		return "", 0, 0, err
	}
	if last < first {
		return "", 0, 0, fmt.Errorf("%q is an empty range of ports", address)
	}
	return host, first, last, nil
}

func parsePort(text string) (int, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, fmt.Errorf("%q is no port", text)
	}
	return int(port), nil
}
