// What is read of mailboxes, command records and relaying, and how damage is noticed.

#include "persistence/rocksdb_mail_reads.hpp"

#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_mail_records.hpp"

namespace perdure::persistence {
namespace {

status at(const std::string& place, const status& what) {
  return {what.code(), place + ": " + what.message()};
}

std::string place_of_mail(const entity_key& target, mail_position position) {
  return to_string(target) + ", mail " + std::to_string(value(position)) +
         " (column family mailbox)";
}

// A record that is one number; 0 when it is not there.
result<std::uint64_t> read_number(const rocksdb_database& from, record_kind kind,
                                  const std::string& key, const std::string& place) {
  rocksdb::PinnableSlice value;
  auto s = from.db().Get(rocksdb::ReadOptions(), from.db().DefaultColumnFamily(), key, &value);
  if (s.IsNotFound()) return std::uint64_t{0};
  if (!s.ok()) return read_failure(s, place);
  auto n = decode_number(kind, key, view(value));
  if (!n) return at(place, n.error());
  return n;
}

}  // namespace

result<std::vector<stored_mail>> read_mailbox(const rocksdb_database& from,
                                              const entity_key& target, mail_position first,
                                              std::size_t bytes_max) {
  auto end = mailbox_key(target, mail_position{UINT64_MAX});
  rocksdb::Slice upper_bound(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  std::unique_ptr<rocksdb::Iterator> it(from.db().NewIterator(options, from.mailbox()));
  std::vector<stored_mail> page;
  std::size_t bytes = 0;
  status failure;
  for (it->Seek(mailbox_key(target, first)); it->Valid(); it->Next()) {
    auto decoded = decode_mail(view(it->key()), view(it->value()));
    if (!decoded) {
      auto place = place_of_mailbox_key(view(it->key()));
      failure = at(place_of_mail(target, place ? place->position : first), decoded.error());
      break;
    }
    bytes += bytes_of(decoded->mail);
    if (!page.empty() && bytes > bytes_max) break;
    page.push_back(*std::move(decoded));
  }
  if (!it->status().ok()) failure = read_failure(it->status(), place_of_mail(target, first));
  if (!failure.ok() && page.empty()) return failure;
  return page;
}

result<std::vector<std::pair<entity_key, mailbox_table::entry>>> read_all_mailboxes(
    const rocksdb_database& from) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;  // what is read again is read by its entity
  std::unique_ptr<rocksdb::Iterator> it(from.db().NewIterator(options, from.mailbox()));
  std::vector<std::pair<entity_key, mailbox_table::entry>> all;
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    auto place = place_of_mailbox_key(view(it->key()));
    if (!place) return status(status_code::data_loss, "a key of column family mailbox is damaged");
    auto decoded = decode_mail(view(it->key()), view(it->value()));
    auto bytes = decoded ? bytes_of(decoded->mail) : it->value().size();
    all.push_back({std::move(place->entity), {place->position, bytes}});
  }
  if (!it->status().ok()) return read_failure(it->status(), "column family mailbox");
  return all;
}

result<std::optional<command_record>> read_command(const rocksdb_database& from,
                                                   const std::string& command_id) {
  auto place = [&] { return "command \"" + command_id + "\" (column family commands)"; };
  rocksdb::PinnableSlice value;
  auto s = from.db().Get(rocksdb::ReadOptions(), from.commands(), command_id, &value);
  if (s.IsNotFound()) return std::optional<command_record>{};
  if (!s.ok()) return read_failure(s, place());
  auto decoded = decode_command(command_id, view(value));
  if (!decoded) return at(place(), decoded.error());
  return std::optional{*std::move(decoded)};
}

result<outbox_offset> read_relayed(const rocksdb_database& from, shard_id shard) {
  auto n = read_number(from, record_kind::relayed, relayed_key(shard),
                       "what was relayed of shard " + std::to_string(value(shard)));
  if (!n) return n.error();
  return outbox_offset{*n};
}

result<std::uint64_t> read_last_number(const rocksdb_database& from) {
  return read_number(from, record_kind::number, std::string(last_number_key),
                     "the number that was given last to a mail or timer");
}

result<std::optional<timer_version>> read_timer_version(const rocksdb_database& from,
                                                        const std::string& key_in_timers) {
  auto place = [&] {
    auto timer = place_of_timer_key(key_in_timers);
    return to_string(timer->owner) + ", timer \"" + timer->name + "\" (column family timers)";
  };
  rocksdb::PinnableSlice value;
  auto s = from.db().Get(rocksdb::ReadOptions(), from.timers(), key_in_timers, &value);
  if (s.IsNotFound()) return std::optional<timer_version>{};
  if (!s.ok()) return read_failure(s, place());
  auto decoded = decode_timer(key_in_timers, view(value));
  if (!decoded) return at(place(), decoded.error());
  return std::optional{timer_version{decoded->version, decoded->timer.due}};
}

}  // namespace perdure::persistence
