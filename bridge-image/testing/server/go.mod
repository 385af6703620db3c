module mcp-cloud/tiny-server

go 1.25
