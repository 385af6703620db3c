package main

import "testing"

func TestParseRoutes(t *testing.T) {
	routes, err := parseRoutes("127.0.0.1:30000-30002=10.244.0.1:40000-40002")
	if err != nil {
		t.Fatal(err)
	}
	want := []route{
		{"127.0.0.1:30000", "10.244.0.1:40000"},
		{"127.0.0.1:30001", "10.244.0.1:40001"},
		{"127.0.0.1:30002", "10.244.0.1:40002"},
	}
	if len(routes) != len(want) {
		t.Fatalf("got %v", routes)
	}
	for i := range want {
		if routes[i] != want[i] {
			t.Errorf("route %d is %v, want %v", i, routes[i], want[i])
		}
	}
}

func TestParseRoutesRefuses(t *testing.T) {
	for _, argument := range []string{
		"127.0.0.1:1",
		"127.0.0.1=10.0.0.1",
		"127.0.0.1:0=10.0.0.1:1",
		"127.0.0.1:70000=10.0.0.1:1",
		"127.0.0.1:9-8=10.0.0.1:9-8",
		"127.0.0.1:1-3=10.0.0.1:1-2",
	} {
		if routes, err := parseRoutes(argument); err == nil {
			t.Errorf("%q gave %v", argument, routes)
		}
	}
}
