-- wrk script: sends each request with the next token of TOKENS (one a line). With ONCE set, every token is sent once and then wrk stops.
-- PATH_ is the path; without TOKENS requests carry no token.
local path = os.getenv("PATH_") or "/notes"
local once = os.getenv("ONCE")
local tokens = {}
local file = os.getenv("TOKENS")
if file then
  for line in io.lines(file) do
    tokens[#tokens + 1] = wrk.format("GET", path, { ["Host"] = "bench.test", ["Authorization"] = "Bearer " .. line })
  end
end
local plain
local index = 0

function request()
  if #tokens == 0 then
    plain = plain or wrk.format("GET", path, { ["Host"] = "bench.test" })
    return plain
  end
  index = index + 1
  if index > #tokens then
    if once then wrk.thread:stop() end
    index = 1
  end
  return tokens[index]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("result %d %d %d %d\n", summary.requests, errors.status + errors.read + errors.connect + errors.timeout,
    summary.duration, latency:percentile(99)))
end
