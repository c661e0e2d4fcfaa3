-- Clicks of people for wrk: addresses in turn, each person at another place of the list, with a pause between two.
local paths, pause = {}, tonumber(os.getenv("PAUSE_MS") or "0")
local number = 0

function setup(thread)
  number = number + 1
  thread:set("place", number * 3)
end

function init(args)
  for _, path in ipairs(args) do paths[#paths + 1] = path end
end

function request()
  place = place + 1
  return wrk.format("GET", paths[place % #paths + 1])
end

function delay()
  return pause > 0 and math.random(pause / 2, pause * 3 / 2) or 0
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "errors": %d, "p50_ms": %.1f, "p95_ms": %.1f, "p99_ms": %.1f, "per_second": %.1f}\n',
    summary.requests, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000,
    summary.requests / summary.duration * 1000000))
end
