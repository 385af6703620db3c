module mcp-cloud/agent

go 1.25
