-- The requests of a load: those of a file, one a line, in turn. At the end the figures go out as one line of JSON.

local requests, at = {}, 0

function init(args)
  local method, file, body = args[1], args[2], args[3]
  for line in io.lines(file) do
    requests[#requests + 1] = wrk.format(method, line, nil, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  if failed > errors.status then
    io.stderr:write(string.format(
      "failed to connect %d, to read %d, to write %d, in time %d\n",
      errors.connect, errors.read, errors.write, errors.timeout
    ))
  end
  io.write(string.format(
    '{"answers":%d,"seconds":%f,"bytes":%.0f,"failed":%d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, failed
  ))
end
