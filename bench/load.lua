-- What wrk sends: one request after the other from a template, each with numbers of its own.
--
-- Arguments: threads, first number, statuses expected, method, path, body, then headers and
-- sequences. `{user}` in a template is replaced by the sequence `user=first,count,every`: the
-- request's number, divided by `every`, leads `count` values from `first` on, round and round.

local threads = {}
-- After so many requests a connection is closed and opened anew. All are opened at once, when one of
-- a server's processes may take them all, and the others idle; whoever is idle takes the next.
local per_connection = 20

function setup(thread)
  thread:set("index", #threads)
  table.insert(threads, thread)
end

function init(args)
  step, number = tonumber(args[1]), tonumber(args[2]) + index
  expected, statuses, unexpected, requests = {}, {}, 0, 0
  for status in args[3]:gmatch("%d+") do expected[tonumber(status)] = true end
  method, path, body = args[4], args[5], args[6]
  headers, sequences = {}, {}
  for i = 7, #args do
    local name, value = args[i]:match("^([%w-]+): (.*)$")
    if name then
      headers[name] = value
    else
      local key, first, count, every = args[i]:match("^(%w+)=(%d+),(%d+),(%d+)$")
      sequences[key] = { tonumber(first), tonumber(count), tonumber(every) }
    end
  end
  if body ~= "" then headers["Content-Type"] = "application/json" else body = nil end
end

local function filled(template)
  return (template:gsub("{(%w+)}", function(key)
    local s = sequences[key]
    return string.format("%d", s[1] + math.floor(number / s[3]) % s[2])
  end))
end

function request()
  local sent = {}
  for name, value in pairs(headers) do sent[name] = filled(value) end
  requests = requests + 1
  if requests % per_connection == 0 then sent["Connection"] = "close" end
  local message = wrk.format(method, filled(path), sent, body and filled(body))
  number = number + step
  return message
end

function response(status)
  statuses[status] = (statuses[status] or 0) + 1
  if not expected[status] then unexpected = unexpected + 1 end
end

function done(summary, latency)
  local seen, unexpected, next_number = {}, 0, 0
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do
      seen[status] = (seen[status] or 0) + count
    end
    unexpected = unexpected + thread:get("unexpected")
    next_number = math.max(next_number, thread:get("number"))
  end
  local pairs_of_json = {}
  for status, count in pairs(seen) do
    table.insert(pairs_of_json, string.format('"%d": %d', status, count))
  end
  local e = summary.errors
  io.write(string.format(
    '\nRESULT {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, ' ..
    '"unexpected": %d, "socket_errors": %d, "next_number": %d, "statuses": {%s}}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    unexpected, e.connect + e.read + e.write + e.timeout, next_number,
    table.concat(pairs_of_json, ", ")))
end
