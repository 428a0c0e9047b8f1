-- What wrk sends: the requests of a file, in turn, again and again. Arguments: the file, in which a
-- line with its size stands before each request; a number that no earlier run on the same service had;
-- and "keyed", for requests that each have an idempotency key of their own.

local requests = {}
local run
local keyed
local sent = 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  run = arguments[2]
  keyed = arguments[3] == "keyed"
  for size in file:lines() do
    local request = file:read(tonumber(size))
    if keyed then
      local line_end = request:find("\r\n", 1, true)
      request = {request:sub(1, line_end + 1), request:sub(line_end)}
    end
    requests[#requests + 1] = request
  end
  file:close()
end

function request()
  sent = sent + 1
  local next = requests[sent % #requests + 1]
  if not keyed then return next end
  return next[1] .. "idempotency-key: " .. run .. "-" .. sent .. next[2]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("answers %d\nmicroseconds %d\np50_us %d\np99_us %d\nfailed %d\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
