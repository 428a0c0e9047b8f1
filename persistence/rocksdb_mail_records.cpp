// Values of what steps set off; docs/formats.md shows them in bytes.

#include "persistence/rocksdb_mail_records.hpp"

#include <utility>

#include "persistence/rocksdb_keys.hpp"

namespace perdure::persistence {
namespace {

// The fields of a command on its way, but for where it goes.
void write(record_writer& to, const new_mail& mail) {
  to.u32(mail.hops)
      .text(mail.method)
      .text(mail.payload)
      .metadata(mail.metadata)
      .text(mail.idempotency_key)
      .text(mail.command_id);
}

void read(record_reader& from, new_mail& mail) {
  mail.hops = from.u32();
  mail.method = from.text();
  mail.payload = from.text();
  mail.metadata = from.metadata();
  mail.idempotency_key = from.text();
  mail.command_id = from.text();
}

std::size_t size_of(const new_mail& mail) {
  return 4 + field_bytes(mail.method) + field_bytes(mail.payload) + field_bytes(mail.metadata) +
         field_bytes(mail.idempotency_key) + field_bytes(mail.command_id);
}

}  // namespace

std::string encode_mail(std::string_view key, const new_mail& mail, hybrid_time time,
                        std::string buffer) {
  record_writer to(8 + size_of(mail), std::move(buffer));
  to.u64(time.bits);
  write(to, mail);
  return to.seal(record_kind::mail, key);
}

result<stored_mail> decode_mail(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::mail, key, value);
  if (!body) return body.error();
  auto place = place_of_mailbox_key(key);
  if (!place) return damaged_record("its key is no mailbox's");
  stored_mail record;
  record.time = {body->u64()};
  read(*body, record.mail);
  record.mail.target = std::move(place->entity);
  record.mail.position = place->position;
  return body->done(std::move(record));
}

std::string encode_timer(std::string_view key, std::uint64_t version,
                         const timer_change::timer& timer, std::string buffer) {
  const auto& mail = timer.what;
  record_writer to(24 + field_bytes(mail.target.type) + field_bytes(mail.target.id) + size_of(mail),
                   std::move(buffer));
  to.u64(version)
      .time(timer.due)
      .u64(static_cast<std::uint64_t>(timer.period.count()))
      .text(mail.target.type)
      .text(mail.target.id);
  write(to, mail);
  return to.seal(record_kind::timer, key);
}

result<stored_timer> decode_timer(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::timer, key, value);
  if (!body) return body.error();
  auto place = place_of_timer_key(key);
  if (!place) return damaged_record("its key is no timer's");
  stored_timer record;
  record.owner = std::move(place->owner);
  record.name = std::move(place->name);
  record.version = body->u64();
  record.timer.due = body->time();
  record.timer.period = std::chrono::milliseconds{static_cast<std::int64_t>(body->u64())};
  record.timer.what.target.type = body->text();
  record.timer.what.target.id = body->text();
  read(*body, record.timer.what);
  return body->done(std::move(record));
}

std::string encode_command(std::string_view key, const command_record& record, std::string buffer) {
  return record_writer(13 + field_bytes(record.target.type) + field_bytes(record.target.id) +
                           field_bytes(record.method) + field_bytes(record.result.message()) +
                           field_bytes(record.reply),
                       std::move(buffer))
      .u64(record.time.bits)
      .u8(record.done ? 1 : 0)
      .u32(static_cast<std::uint32_t>(record.result.code()))
      .text(record.target.type)
      .text(record.target.id)
      .text(record.method)
      .text(record.result.message())
      .text(record.reply)
      .seal(record_kind::command, key);
}

result<command_record> decode_command(std::string_view key, std::string_view value) {
  auto body = unseal(record_kind::command, key, value);
  if (!body) return body.error();
  command_record record;
  record.time = {body->u64()};
  record.done = body->u8() != 0;
  auto code = static_cast<status_code>(body->u32());
  record.target.type = body->text();
  record.target.id = body->text();
  record.method = body->text();
  auto message = body->text();
  if (code != status_code::ok) record.result = status(code, std::move(message));
  record.reply = body->text();
  return body->done(std::move(record));
}

std::string encode_number(record_kind kind, std::string_view key, std::uint64_t n,
                          std::string buffer) {
  return record_writer(8, std::move(buffer)).u64(n).seal(kind, key);
}

result<std::uint64_t> decode_number(record_kind kind, std::string_view key,
                                    std::string_view value) {
  auto body = unseal(kind, key, value);
  if (!body) return body.error();
  auto n = body->u64();
  return body->done(n);
}

}  // namespace perdure::persistence
