#include "core/redis/script.hpp"

#include "core/base/crypto.hpp"

#include <iterator>

namespace auth_gate::redis {

namespace {

// A record: state (L: live, b: bound to a place, l: leased, u: used), the second in which it ends (4 bytes), binding
// (8: the lease's, or the place), purpose (4), scope (8), end of the session (4), name of the share (11), name of the
// session (22), and what only the gate reads.
//
// A count is a hash: how many records end in each second, `n` for all of them, and `at`, the second up to which those
// that have ended are taken out. It needs no key of its own for a record, and records that Redis expires leave it by
// themselves.
constexpr std::string_view counts = R"lua(
local uncounted = '-----------'

local function clock()
  local time = redis.call('TIME')
  return tonumber(time[1]), tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function second_after(ms)
  return math.floor(ms / 1000) + 1
end

-- How many are live, and the fields of those that have ended. Changes nothing.
local function live(key, now)
  local known = redis.call('HMGET', key, 'n', 'at')
  local n, at, ended = tonumber(known[1]) or 0, tonumber(known[2]) or now, {}
  if now - at <= 16 then
    for second = at + 1, now do ended[#ended + 1] = string.format('%d', second) end
  else
    for _, field in ipairs(redis.call('HKEYS', key)) do
      if (tonumber(field) or math.huge) <= now then ended[#ended + 1] = field end
    end
  end
  for _, field in ipairs(ended) do n = n - (tonumber(redis.call('HGET', key, field)) or 0) end
  return n, ended
end

-- One more, which ends in the second `ends`.
local function count(key, now, n, ended, ends, lifetime)
  redis.call('HINCRBY', key, ends, 1)
  redis.call('HSET', key, 'n', n + 1, 'at', now)
  for _, field in ipairs(ended) do redis.call('HDEL', key, field) end
  if redis.call('PTTL', key) < lifetime + 2000 then redis.call('PEXPIRE', key, lifetime + 2000) end
end

local function uncount(key, ends)
  if redis.call('HEXISTS', key, ends) == 1 then
    if redis.call('HINCRBY', key, ends, -1) <= 0 then redis.call('HDEL', key, ends) end
    redis.call('HINCRBY', key, 'n', -1)
  end
end

local function ends_of(record)
  return (struct.unpack('>I4', record, 2))
end
)lua";

constexpr std::string_view put_text = R"lua(
local now, now_ms = clock()
local lifetime, most, share = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ends = second_after(now_ms + lifetime)
local all, all_ended, own, own_ended
if most > 0 then
  all, all_ended = live(KEYS[2], now)
  own, own_ended = live(KEYS[3], now)
  local full = all >= most and 1 or own >= share and 2
  if full then
    local next = ends
    for _, field in ipairs(redis.call('HKEYS', KEYS[full + 1])) do
      local second = tonumber(field)
      if second and second > now and second < next then next = second end
    end
    return {full, (next - now) * 1000}
  end
end
redis.call('SET', KEYS[1], ARGV[6]:sub(1, 1) .. struct.pack('>I4', ends) .. ARGV[6]:sub(2) .. ARGV[1], 'PX', lifetime)
if most > 0 then
  count(KEYS[2], now, all, all_ended, ends, lifetime)
  count(KEYS[3], now, own, own_ended, ends, lifetime)
end
if ARGV[5] ~= '' and redis.call('PTTL', KEYS[4]) < lifetime then
  redis.call('SET', KEYS[4], ARGV[5], 'PX', lifetime)
end
return {0}
)lua";

// The rule is judge() of core/token/judge.hpp.
constexpr std::string_view take_text = R"lua(
local record = redis.call('GET', KEYS[1])
if not record then return {3} end
local state = record:sub(1, 1)
if state == 'u' then return {7} end
local spend = ARGV[1] == '1'
local share, session_name = ARGV[7] .. record:sub(30, 40), record:sub(41, 62)

local function leave_counts()
  uncount(KEYS[2], ends_of(record))
  uncount(share, ends_of(record))
end

-- DEL comes first: it is allowed when the memory is full. That the token was used is then not remembered.
local function remove()
  local left = redis.call('PTTL', KEYS[1])
  redis.call('DEL', KEYS[1])
  leave_counts()
  if left > 0 then redis.pcall('SET', KEYS[1], 'u', 'PX', left) end
end

local exp = struct.unpack('>I4', record, 26)
if exp ~= 0 and tonumber(ARGV[3]) >= exp then
  remove()
  return {4}
end

local function has(list, number)
  for at = 1, #list, 8 do
    if list:sub(at, at + 7) == number then return true end
  end
  return false
end

local lease, binding, only_bound
for at = 1, #ARGV[4], 10 do
  if ARGV[4]:sub(at, at + 3) == record:sub(14, 17) then
    lease = struct.unpack('>I4', ARGV[4], at + 4)
    local kind = ARGV[4]:byte(at + 8)
    binding = ARGV[2]:sub(kind * 8 + 1, kind * 8 + 8)
    only_bound = ARGV[4]:byte(at + 9) == 1
    break
  end
end
if not lease or not has(ARGV[5], record:sub(18, 25)) then
  if spend then remove() end
  return {5}
end
if state == 'l' then
  if record:sub(6, 13) ~= binding then return {6} end
elseif state == 'b' or only_bound then
  if ARGV[8] == '' then return {10} end
  if state ~= 'b' or not has(ARGV[8], record:sub(6, 13)) then
    if spend then remove() end
    return {9}
  end
end

local session = ''
if session_name ~= ('-'):rep(22) then
  session = redis.call('GET', ARGV[6] .. session_name)
  if not session then
    remove()
    return {8}
  end
end
if not spend then return {2, record, session} end
if state == 'l' then return {1, record, session} end
if lease == 0 or binding == ('\0'):rep(8) then
  remove()
  return {0, record, session}
end

local now, now_ms = clock()
local ends = second_after(now_ms + lease)
redis.call('SET', KEYS[1], 'l' .. struct.pack('>I4', ends) .. binding .. record:sub(14), 'PX', lease)
leave_counts()
for _, key in ipairs({KEYS[2], share}) do
  local n, ended = live(key, now)
  count(key, now, n, ended, ends, lease)
end
if session ~= '' and redis.call('PTTL', ARGV[6] .. session_name) < lease then
  redis.call('PEXPIRE', ARGV[6] .. session_name, lease)
end
return {0, record, session}
)lua";

constexpr std::string_view remove_text = R"lua(
local record = redis.call('GET', KEYS[1])
if not record then return {3} end
redis.call('DEL', KEYS[1])
local name = record:sub(30, 40)
if name ~= uncounted then
  uncount(KEYS[2], ends_of(record))
  uncount(ARGV[1] .. name, ends_of(record))
end
return {0, record}
)lua";

std::string hex(std::string_view bytes_of) {
    const auto digest = sha1(bytes_of);
    std::string out(digest.size() * 2, '\0');
    to_hex(digest, out.data());
    return out;
}

}  // namespace

Script::Script(std::string source) : text(std::move(source)), sha1(hex(text)) {}

const Script& put_script() {
    static const Script script(std::string(counts) + std::string(put_text));
    return script;
}

const Script& take_script() {
    static const Script script(std::string(counts) + std::string(take_text));
    return script;
}

const Script& remove_script() {
    static const Script script(std::string(counts) + std::string(remove_text));
    return script;
}

Call Call::of(const Script& script, std::vector<std::string> keys, std::vector<std::string> arguments) {
    Call call;
    call.script = &script;
    call.words = {"EVALSHA", script.sha1, std::to_string(keys.size())};
    call.words.insert(call.words.end(), std::make_move_iterator(keys.begin()), std::make_move_iterator(keys.end()));
    call.words.insert(call.words.end(), std::make_move_iterator(arguments.begin()),
                      std::make_move_iterator(arguments.end()));
    return call;
}

void Call::use_text() {
    words[0] = "EVAL";
    words[1] = script->text;
}

}  // namespace auth_gate::redis
