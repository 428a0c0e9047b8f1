#pragma once

#include <string_view>

// What runs inside Redis, in Lua. A script runs alone and whole, unless it ends early: so each
// looks at everything first, and what may be refused for want of memory is written first.

namespace perdure::persistence::redis_scripts {

// One step.
//
//   KEYS  shard, entity, log, events, outbox; the reply's if there is one; the outcome's if so
//   ARGV  1 fence            what the shard's must be
//         2 mark             names this step, in this store, for ever
//         3 previous         the mark of the entity's step before it in the group; empty: the first
//         4 expected, 5 last the entity's sequence number before and after it
//         6 kind             "event_sourced" or "key_value"
//         7 handled          position of the mail it handles, or empty
//         8 state            record, or empty
//         9 outbox entry     record, or empty
//        10 reply, 11 outcome records, or empty; 12 milliseconds to keep them
//        13 ... events       records for the log
//
// Answers the place in the outbox, 0 for none, or an array with the reason why it does not stand.
//
// A step that follows another of its group says which: were its numbers to fit by chance after
// that one has failed, it must not stand. Positions of mail are compared as digits, since they may
// be larger than what Lua's numbers hold exactly.
inline constexpr std::string_view step = R"(
local shard = redis.call('HMGET', KEYS[1], 'fence', 'next', 'posted')
if shard[1] ~= ARGV[1] then return {'fence'} end
local entity = redis.call('HMGET', KEYS[2], 'sequence', 'step', 'handled')
local sequence = entity[1] or '0'
if ARGV[3] ~= '' and entity[2] ~= ARGV[3] then return {'previous'} end
if sequence ~= ARGV[4] then return {'sequence', sequence} end
local handled = entity[3] or '0'
if ARGV[7] ~= '' and
   (#ARGV[7] < #handled or (#ARGV[7] == #handled and ARGV[7] <= handled)) then
  return {'handled', handled}
end
local is_indexed = ARGV[6] == 'event_sourced' and #ARGV > 12
if is_indexed then
  local indexed = redis.call('LLEN', KEYS[4])
  if indexed ~= tonumber(sequence) then return {'index', tostring(indexed)} end
end
if ARGV[9] ~= '' then redis.call('XLEN', KEYS[5]) end

local next = tonumber(shard[2] or '0')
for i = 13, #ARGV do
  local offset = string.format('%.0f', next)
  next = next + 1
  redis.call('XADD', KEYS[3], string.format('%.0f-0', next), 'e', ARGV[i])
  if is_indexed then redis.call('RPUSH', KEYS[4], offset) end
end
local posted = 0
if ARGV[9] ~= '' then
  posted = tonumber(shard[3] or '0') + 1
  redis.call('XADD', KEYS[5], string.format('%.0f-0', posted), 'o', ARGV[9])
end
local fields = {'sequence', ARGV[5], 'step', ARGV[2]}
if ARGV[7] ~= '' then
  fields[#fields + 1] = 'handled'
  fields[#fields + 1] = ARGV[7]
end
if ARGV[8] ~= '' then
  fields[#fields + 1] = 'state'
  fields[#fields + 1] = ARGV[8]
end
redis.call('HSET', KEYS[2], unpack(fields))
if #ARGV > 12 then redis.call('HSET', KEYS[1], 'next', string.format('%.0f', next)) end
if posted > 0 then redis.call('HSET', KEYS[1], 'posted', string.format('%.0f', posted)) end
local key = 6
if ARGV[10] ~= '' then
  redis.call('SET', KEYS[key], ARGV[10], 'PX', ARGV[12])
  key = key + 1
end
if ARGV[11] ~= '' then redis.call('SET', KEYS[key], ARGV[11], 'PX', ARGV[12]) end
return posted
)";

// Takes a shard: from now on no step stands that names an earlier fence.
//
//   KEYS  shard
//   ARGV  1 term, 2 owner, 3 the last term that may be replaced
//
// Answers 0, or the term of somebody else who has come in between.
inline constexpr std::string_view fence = R"(
local held = redis.call('HGET', KEYS[1], 'fence')
if held then
  local term, owner = string.match(held, '^(%d+)-(.*)$')
  if owner ~= ARGV[2] and tonumber(term or '0') > tonumber(ARGV[3]) then return tonumber(term) end
end
redis.call('HSET', KEYS[1], 'fence', ARGV[1] .. '-' .. ARGV[2])
return 0
)";

// Drops the entries of an outbox up to one, behind which all later ones will come.
//
//   KEYS  shard, outbox
//   ARGV  1 fence, 2 the last to be dropped, 3 the id of the first to be kept
//
// Answers 0, or an array with the reason why not.
inline constexpr std::string_view trim = R"(
local shard = redis.call('HMGET', KEYS[1], 'fence', 'posted', 'trimmed')
if shard[1] ~= ARGV[1] then return {'fence'} end
redis.call('XLEN', KEYS[2])
if tonumber(shard[2] or '0') < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], 'posted', ARGV[2])
end
if tonumber(shard[3] or '0') < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], 'trimmed', ARGV[2])
end
redis.call('XTRIM', KEYS[2], 'MINID', ARGV[3])
return 0
)";

}  // namespace perdure::persistence::redis_scripts
