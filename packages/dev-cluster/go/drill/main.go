// Command drill is a workload that proves a cluster: it answers, streams, burns
// processor time, resolves names and fetches pages, each on demand.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	http.HandleFunc("/", answer)
	http.HandleFunc("/stream", stream)
	http.HandleFunc("/burn", burn)
	http.HandleFunc("/lookup", lookup)
	http.HandleFunc("/fetch", fetch)
	log.Print("drill: listening on 8080")
	log.Fatal(http.ListenAndServe(":8080", nil))
}

func answer(w http.ResponseWriter, _ *http.Request) {
	name, _ := os.Hostname()
	fmt.Fprintf(w, "drill on %s\n", name)
}

// stream sends five events, 500 ms apart, each with the time of its sending.
func stream(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for range 5 {
		fmt.Fprintf(w, "data: %d\n\n", time.Now().UnixMilli())
		http.NewResponseController(w).Flush()
		time.Sleep(500 * time.Millisecond)
	}
}

// burn keeps one processor busy for as long as ?for= says.
func burn(w http.ResponseWriter, r *http.Request) {
	duration, err := time.ParseDuration(r.FormValue("for"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for end := time.Now().Add(duration); time.Now().Before(end); {
	}
	fmt.Fprintln(w, "burnt")
}

func lookup(w http.ResponseWriter, r *http.Request) {
	addresses, err := net.LookupHost(r.FormValue("name"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	fmt.Fprintln(w, addresses)
}

func fetch(w http.ResponseWriter, r *http.Request) {
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Get(r.FormValue("url"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer response.Body.Close()
	io.Copy(w, response.Body)
}
