-- Sends prepared requests: each thread reads BENCH_REQUESTS.N once, where they stand whole,
-- separated by NUL. Tells at the end, as one line of JSON, what wrk measured.

local threads = {}

function setup(thread)
    thread:set("number", #threads)
    table.insert(threads, thread)
end

function init()
    local file = assert(io.open(os.getenv("BENCH_REQUESTS") .. "." .. number, "rb"))
    requests = {}
    for text in file:read("*a"):gmatch("[^%z]+") do
        table.insert(requests, text)
    end
    file:close()
    prepared = #requests
    sent = 0
end

function request()
    sent = sent + 1
    return requests[(sent - 1) % prepared + 1]
end

function done(summary, latency)
    local errors, repeated = summary.errors, 0
    for _, thread in ipairs(threads) do
        repeated = repeated + math.max(0, thread:get("sent") - thread:get("prepared"))
    end
    io.write(string.format(
        '\nBENCH {"requests":%d,"seconds":%.6f,"bytes":%d,"p50_ms":%.3f,"p99_ms":%.3f,"repeated":%d,'
        .. '"errors":{"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d}}\n',
        summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3,
        latency:percentile(99) / 1e3, repeated,
        errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end
