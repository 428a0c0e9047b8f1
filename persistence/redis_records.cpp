// Records of the Redis adapter; docs/formats.md shows them in bytes.

#include "persistence/redis_records.hpp"

#include <xxhash.h>

#include <utility>

#include "base/check.hpp"
#include "persistence/redis_keys.hpp"

namespace perdure::persistence::redis_records {
namespace {

// Of all records but those of an outbox with messages.
constexpr std::uint8_t first_version = 1;
constexpr std::uint8_t with_messages = 2;
constexpr std::size_t checksum_bytes = 8;
constexpr std::string_view store_mark = "perdure";

// Part of the checksum. The numbers are stored: never reuse one.
enum class kind : std::uint64_t {
  store = 1,
  event = 2,
  state = 3,
  reply = 4,
  outcome = 5,
  outbox = 6
};

// The key's hash is the seed of the record's, and the kind the seed of the key's.
std::uint64_t checksum(kind of, std::string_view key, std::string_view record) {
  auto seed = XXH3_64bits_withSeed(key.data(), key.size(), static_cast<std::uint64_t>(of));
  return XXH3_64bits_withSeed(record.data(), record.size(), seed);
}

std::uint64_t read_unsigned(std::string_view bytes) {
  std::uint64_t n = 0;
  for (unsigned char c : bytes) n = n << 8 | c;
  return n;
}

class writer {
 public:
  explicit writer(std::size_t body_bytes, std::uint8_t version = first_version) {
    bytes_.reserve(1 + body_bytes + checksum_bytes);
    u8(version);
  }

  writer& u8(std::uint8_t n) { return unsigned_of(n, 1); }
  writer& u16(std::uint16_t n) { return unsigned_of(n, 2); }
  writer& u32(std::uint32_t n) { return unsigned_of(n, 4); }
  writer& u64(std::uint64_t n) { return unsigned_of(n, 8); }
  writer& time(timestamp t) {
    return u64(static_cast<std::uint64_t>(t.time_since_epoch().count()));
  }
  writer& count(std::size_t n) {
    PERDURE_CHECK(n <= UINT32_MAX);
    return u32(static_cast<std::uint32_t>(n));
  }
  writer& text(std::string_view text) {
    count(text.size());
    bytes_ += text;
    return *this;
  }
  writer& entity(const entity_key& entity) { return text(entity.type).text(entity.id); }
  writer& metadata(const perdure::metadata& entries) {
    count(entries.size());
    for (const auto& [name, value] : entries) text(name).text(value);
    return *this;
  }
  writer& mail(const new_mail& m) {
    return entity(m.target)
        .text(m.method)
        .text(m.payload)
        .metadata(m.metadata)
        .text(m.idempotency_key)
        .text(m.command_id)
        .u32(m.hops);
  }
  writer& message(const new_message& m) {
    text(m.topic).text(m.key).text(m.id).text(m.source).text(m.type).text(m.content_type);
    u8(m.sequence.has_value());
    if (m.sequence) u64(value(*m.sequence));
    text(m.trace_parent).metadata(m.metadata).u8(m.payload.has_value());
    return m.payload ? text(*m.payload) : *this;
  }

  std::string seal(kind of, std::string_view key) {
    u64(checksum(of, key, bytes_));
    return std::move(bytes_);
  }

 private:
  writer& unsigned_of(std::uint64_t n, int bytes) {
    while (bytes-- > 0) bytes_ += static_cast<char>(n >> (8 * bytes));
    return *this;
  }

  std::string bytes_;
};

status damaged(const char* what) { return {status_code::data_loss, what}; }

// Takes a body apart. Reading past its end gives zeros and is remembered.
class reader {
 public:
  reader(std::uint8_t version, std::string_view body) : version_(version), rest_(body) {}

  std::uint8_t version() const { return version_; }

  std::uint8_t u8() { return static_cast<std::uint8_t>(read_unsigned(take(1))); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(read_unsigned(take(2))); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(read_unsigned(take(4))); }
  std::uint64_t u64() { return read_unsigned(take(8)); }
  timestamp time() {
    return timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(u64())}};
  }
  std::string text() { return std::string(take(u32())); }
  entity_key entity() {
    auto type = text();
    return {std::move(type), text()};
  }
  perdure::metadata metadata() {
    perdure::metadata entries;
    for (auto left = u32(); left > 0 && !overrun_; --left) {
      auto name = text();
      entries.emplace(std::move(name), text());
    }
    return entries;
  }
  new_mail mail() {
    new_mail m;
    m.target = entity();
    m.method = text();
    m.payload = text();
    m.metadata = metadata();
    m.idempotency_key = text();
    m.command_id = text();
    m.hops = u32();
    return m;
  }
  new_message message() {
    new_message m;
    m.topic = text();
    m.key = text();
    m.id = text();
    m.source = text();
    m.type = text();
    m.content_type = text();
    if (u8() != 0) m.sequence = sequence_nr{u64()};
    m.trace_parent = text();
    m.metadata = metadata();
    if (u8() != 0) m.payload = text();
    return m;
  }
  bool has_overrun() const { return overrun_; }
  bool has_more() const { return !rest_.empty(); }

  // The record, if the body held exactly its fields.
  template <class Record>
  result<Record> done(Record record) const {
    if (overrun_ || !rest_.empty()) return damaged("its length does not match its fields");
    return record;
  }

 private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      overrun_ = true;
      rest_ = {};
      return {};
    }
    auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::uint8_t version_;
  std::string_view rest_;
  bool overrun_ = false;
};

// The body of a sound record of a known version: one up to `newest`.
result<reader> unseal(kind of, std::string_view key, std::string_view record,
                      std::uint8_t newest = first_version) {
  if (record.size() < 1 + checksum_bytes) return damaged("it is too short");
  auto sealed = record.substr(0, record.size() - checksum_bytes);
  if (read_unsigned(record.substr(sealed.size())) != checksum(of, key, sealed)) {
    return damaged("the checksum does not match");
  }
  auto written = static_cast<std::uint8_t>(sealed.front());
  if (written > newest) {
    return status(status_code::failed_precondition,
                  "it has format version " + std::to_string(written) + ", this Perdure knows " +
                      std::to_string(newest) + ": it was written by a newer Perdure");
  }
  if (written == 0) return damaged("its format version is 0");
  return reader(written, sealed.substr(1));
}

}  // namespace

std::string encode_store(const store_record& record) {
  return writer(27 + record.id.size())
      .text(store_mark)
      .u32(record.shard_count)
      .time(record.created)
      .text(record.id)
      .seal(kind::store, redis_store_key);
}

result<store_record> decode_store(std::string_view bytes) {
  auto body = unseal(kind::store, redis_store_key, bytes);
  if (!body) return body.error();
  if (body->text() != store_mark) return damaged("it is no store record");
  store_record record;
  record.shard_count = body->u32();
  record.created = body->time();
  record.id = body->text();
  if (record.shard_count == 0) return damaged("its shard count is 0");
  return body->done(std::move(record));
}

bool is_store(std::string_view record) {
  return record.size() >= 12 && record.substr(5, store_mark.size()) == store_mark;
}

std::string encode_event(std::string_view key, const step& s, sequence_nr sequence,
                         const new_event& event) {
  auto is_state = s.kind == step_kind::key_value;
  return writer(47 + s.entity.type.size() + s.entity.id.size() + s.trace_parent.size() +
                event.type.size() + (is_state ? 0 : event.payload.size()))
      .u8(is_state)
      .u64(value(sequence))
      .u64(s.time.bits)
      .u16(value(s.region))
      .u32(value(s.shard_epoch))
      .entity(s.entity)
      .text(s.trace_parent)
      .text(event.type)
      .metadata(event.metadata)
      .text(is_state ? std::string_view{} : std::string_view{event.payload})
      .seal(kind::event, key);
}

result<event_record> decode_event(std::string_view key, std::string_view bytes) {
  auto body = unseal(kind::event, key, bytes);
  if (!body) return body.error();
  event_record record;
  record.is_state = body->u8() != 0;
  record.event.sequence = sequence_nr{body->u64()};
  record.event.time = {body->u64()};
  record.event.region = region_id{body->u16()};
  record.shard_epoch = epoch{body->u32()};
  record.event.entity = body->entity();
  record.event.trace_parent = body->text();
  record.event.type = body->text();
  record.event.metadata = body->metadata();
  record.event.payload = body->text();
  return body->done(std::move(record));
}

std::string encode_state(std::string_view key, const stored_snapshot& state) {
  return writer(24 + state.state_type.size() + state.payload.size())
      .u64(value(state.sequence))
      .time(state.expires)
      .text(state.state_type)
      .text(state.payload)
      .seal(kind::state, key);
}

result<stored_snapshot> decode_state(std::string_view key, std::string_view bytes) {
  auto body = unseal(kind::state, key, bytes);
  if (!body) return body.error();
  stored_snapshot state;
  state.sequence = sequence_nr{body->u64()};
  state.expires = body->time();
  state.state_type = body->text();
  state.payload = body->text();
  return body->done(std::move(state));
}

std::string encode_reply(std::string_view key, hybrid_time time, const recorded_reply& reply) {
  writer record(21 + reply.payload.size());
  record.u64(time.bits).u64(reply.fingerprint).text(reply.payload);
  if (reply.was_forwarded) record.u8(1);
  return record.seal(kind::reply, key);
}

result<reply_record> decode_reply(std::string_view key, std::string_view bytes) {
  auto body = unseal(kind::reply, key, bytes);
  if (!body) return body.error();
  reply_record record;
  record.time = {body->u64()};
  record.reply.fingerprint = body->u64();
  record.reply.payload = body->text();
  // One that was forwarded says so behind its other fields.
  record.reply.was_forwarded = body->has_more();
  if (record.reply.was_forwarded && body->u8() != 1)
    return damaged("it has a flag that is unknown");
  return body->done(std::move(record));
}

std::string encode_outcome(std::string_view key, hybrid_time time, const command_outcome& outcome) {
  return writer(24 + outcome.command_id.size() + outcome.result.message().size() +
                outcome.reply.size())
      .u64(time.bits)
      .text(outcome.command_id)
      .u32(static_cast<std::uint32_t>(outcome.result.code()))
      .text(outcome.result.message())
      .text(outcome.reply)
      .seal(kind::outcome, key);
}

result<outcome_record> decode_outcome(std::string_view key, std::string_view bytes) {
  auto body = unseal(kind::outcome, key, bytes);
  if (!body) return body.error();
  outcome_record record;
  record.time = {body->u64()};
  record.outcome.command_id = body->text();
  auto code = static_cast<status_code>(body->u32());
  record.outcome.result = {code, body->text()};
  record.outcome.reply = body->text();
  return body->done(std::move(record));
}

std::string encode_outbox(std::string_view key, const step& s) {
  const auto& messages = s.mail->topics.messages;
  writer w(bytes_of(*s.mail), messages.empty() ? first_version : with_messages);
  w.u64(s.time.bits).entity(s.entity);
  w.count(s.mail->mail.size());
  for (const auto& m : s.mail->mail) w.mail(m);
  w.count(s.mail->timers.size());
  for (const auto& t : s.mail->timers) {
    w.text(t.name).u8(t.set.has_value());
    if (!t.set) continue;
    w.time(t.set->due).u64(static_cast<std::uint64_t>(t.set->period.count())).mail(t.set->what);
  }
  if (!messages.empty()) w.count(messages.size());
  for (const auto& m : messages) w.message(m);
  return w.seal(kind::outbox, key);
}

result<outbox_entry> decode_outbox(std::string_view key, std::string_view bytes) {
  auto body = unseal(kind::outbox, key, bytes, with_messages);
  if (!body) return body.error();
  outbox_entry entry;
  entry.time = {body->u64()};
  entry.entity = body->entity();
  for (auto left = body->u32(); left > 0 && !body->has_overrun(); --left) {
    entry.effects.mail.push_back(body->mail());
  }
  for (auto left = body->u32(); left > 0 && !body->has_overrun(); --left) {
    timer_change change{body->text(), {}};
    if (body->u8() != 0) {
      auto& timer = change.set.emplace();
      timer.due = body->time();
      timer.period = std::chrono::milliseconds{static_cast<std::int64_t>(body->u64())};
      timer.what = body->mail();
    }
    entry.effects.timers.push_back(std::move(change));
  }
  if (body->version() == first_version) return body->done(std::move(entry));
  for (auto left = body->u32(); left > 0 && !body->has_overrun(); --left) {
    entry.effects.topics.messages.push_back(body->message());
  }
  return body->done(std::move(entry));
}

}  // namespace perdure::persistence::redis_records
