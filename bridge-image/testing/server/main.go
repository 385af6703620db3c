// An MCP server over stdio that needs next to nothing: a static program of a few megabytes, so that a thousand of them
// fit on a small machine, and one runs in an image that has no other file.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

type request struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		ProtocolVersion string `json:"protocolVersion"`
		Name            string `json:"name"`
		Arguments       struct {
			Text  string `json:"text"`
			Steps int    `json:"steps"`
			Ms    int    `json:"ms"`
		} `json:"arguments"`
		Meta struct {
			ProgressToken json.RawMessage `json:"progressToken"`
		} `json:"_meta"`
	} `json:"params"`
}

var output sync.Mutex

func send(message map[string]any) {
	message["jsonrpc"] = "2.0"
	line, err := json.Marshal(message)
	if err != nil {
		panic(err)
	}
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(line))
}

var tools = []map[string]any{
	{"name": "echo", "description": "text, and how many calls there were", "inputSchema": map[string]any{"type": "object"}},
	{"name": "steps", "description": "progress for each of some steps of ms", "inputSchema": map[string]any{"type": "object"}},
	{"name": "user", "description": "user id and directory", "inputSchema": map[string]any{"type": "object"}},
}

func call(r request, count int) string {
	pause := time.Duration(r.Params.Arguments.Ms) * time.Millisecond
	switch r.Params.Name {
	case "steps":
		for step := 1; step <= r.Params.Arguments.Steps; step++ {
			time.Sleep(pause)
			if r.Params.Meta.ProgressToken == nil {
				continue
			}
			send(map[string]any{"method": "notifications/progress", "params": map[string]any{
				"progressToken": r.Params.Meta.ProgressToken, "progress": step, "total": r.Params.Arguments.Steps,
			}})
		}
		return "done"
	case "user":
		directory, _ := os.Getwd()
		return fmt.Sprintf("%d %s", os.Getuid(), directory)
	default:
		return fmt.Sprintf("%s %d", r.Params.Arguments.Text, count)
	}
}

func result(r request, count int) any {
	switch r.Method {
	case "initialize":
		return map[string]any{
			"protocolVersion": r.Params.ProtocolVersion,
			"capabilities":    map[string]any{"tools": map[string]any{}},
			"serverInfo":      map[string]any{"name": "tiny", "version": "1"},
		}
	case "tools/list":
		return map[string]any{"tools": tools}
	case "tools/call":
		return map[string]any{"content": []any{map[string]any{"type": "text", "text": call(r, count)}}}
	default:
		return map[string]any{}
	}
}

func main() {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 8<<20)
	calls := 0
	for input.Scan() {
		var r request
		if json.Unmarshal(input.Bytes(), &r) != nil || r.ID == nil {
			continue
		}
		if r.Method == "tools/call" {
			calls++
		}
		count := calls
		go func() { send(map[string]any{"id": r.ID, "result": result(r, count)}) }()
	}
}
