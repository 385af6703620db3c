-- Calls the tool `echo` over and over on one session. Every request carries the same id: a bridge that knows its
-- pending calls by the ids of clients mixes them up, and these answers count as failed.
local headers = { "MCP_SESSION", "Mcp-Session-Id", "MCP_TOKEN", "Authorization" }
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json, text/event-stream"
wrk.headers["MCP-Protocol-Version"] = "2025-06-18"
for i = 1, #headers, 2 do
  local value = os.getenv(headers[i])
  if value and value ~= "" then wrk.headers[headers[i + 1]] = value end
end
local text = string.rep("x", 64)
wrk.body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"' .. text .. '"}}}'

local failed = 0
function response(status, _, body)
  if status ~= 200 or not string.find(body, text, 1, true) then
    failed = failed + 1
    wrk.thread:set("failed", failed)
  end
end

local threads = {}
function setup(thread)
  table.insert(threads, thread)
end
function done(summary, latency)
  local all = 0
  for _, thread in ipairs(threads) do all = all + (thread:get("failed") or 0) end
  local seconds = summary.duration / 1e6
  io.write(string.format(
    '{"perSecond":%.1f,"failed":%d,"errors":%d,"p50":%.3f,"p99":%.3f}\n',
    summary.requests / seconds, all,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
