-- wrk script: creates notes as many users. TOKENS names a file with a token on each line; SHARE and SHARES divide them among threads' processes.
local requests, next_request = {}, 0
local body = '{"title": "A note of the bench", "content": "' .. string.rep("Lorem ipsum dolor sit amet. ", 12) .. '"}'

function init(arguments)
    for token in io.lines(os.getenv("TOKENS")) do
        requests[#requests + 1] = wrk.format("POST", "/dev/notes", { ["Authorization"] = token, ["Content-Type"] = "application/json", ["Host"] = wrk.host }, body)
    end
end

function request()
    next_request = next_request % #requests + 1
    return requests[next_request]
end
