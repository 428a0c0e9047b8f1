#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/clock.hpp"
#include "persistence/topic_store.hpp"

// The step store on RocksDB: one data folder, one process, one WriteBatch per group with its
// write-ahead log synced. docs/formats.md tells what stands in the folder.

namespace perdure::persistence {

class rocksdb_step_store final : public topic_store {
 public:
  struct settings {
    std::filesystem::path folder;    // created if need be; the database is in its "steps"
    const perdure::clock& clock;     // tells which idempotency records may be dropped; outlives us
    std::uint32_t shard_count = 16;  // of a new store; an old one keeps its own
    std::chrono::milliseconds idempotency_retention = std::chrono::hours{24};
  };

  // Opens the store, or creates it in an empty folder.
  //   FAILED_PRECONDITION  the folder is in use, is no folder, cannot be written in, holds
  //   something
  //                        else, or was written by a newer Perdure
  //   DATA_LOSS            what it holds is damaged
  //   UNAVAILABLE          it cannot be read or written now
  static result<std::unique_ptr<rocksdb_step_store>> open(const settings& how);

  // Not while another thread is in one of the verbs.
  ~rocksdb_step_store() override;

  std::uint32_t shard_count() const override;
  std::vector<status> commit(std::span<const step> group) override;
  std::uint64_t generation() const override;
  result<history> load(const entity_key& entity) override;
  result<std::optional<recorded_reply>> find_reply(const entity_key& entity,
                                                   const idempotency_key& key,
                                                   timestamp now) override;
  result<std::vector<stored_event>> read_log(shard_id shard, log_offset from,
                                             std::size_t bytes_max) override;
  result<entity_page> list_entities(const entity_selection& which,
                                    const std::optional<entity_place>& from,
                                    std::size_t max) override;

  std::size_t mail_bytes(const entity_key& target) const override;
  std::vector<entity_key> entities_with_mail() const override;
  result<std::vector<stored_mail>> read_mail(const entity_key& target, mail_position after,
                                             std::size_t bytes_max) override;
  result<std::vector<stored_timer>> read_due_timers(timestamp now, std::size_t max) override;
  result<std::optional<timestamp>> next_due() override;
  result<std::optional<command_record>> find_command(const std::string& command_id,
                                                     timestamp now) override;
  result<outbox_offset> relayed(shard_id shard) override;
  result<std::size_t> drop_deleted(timestamp before) override;

  std::vector<std::string> topics() const override;
  topic_bounds bounds(const std::string& topic, std::uint32_t partition) const override;
  result<std::vector<stored_message>> read_topic(const std::string& topic, std::uint32_t partition,
                                                 topic_offset from, std::size_t bytes_max) override;
  result<topic_offset> offset_at(const std::string& topic, std::uint32_t partition,
                                 timestamp time) override;
  result<std::uint64_t> bytes_from(const std::string& topic, std::uint32_t partition,
                                   topic_offset first) override;
  status trim_topic(const std::string& topic, std::uint32_t partition, topic_offset first) override;
  log_offset log_end(shard_id shard) const override;
  result<std::vector<std::string>> readers() override;
  result<std::vector<cursor>> read_cursors(const std::string& reader) override;
  result<bool> is_paused(const std::string& reader) override;
  result<std::optional<std::uint64_t>> last_seen(const std::string& reader,
                                                 const std::string& subject) override;
  result<std::vector<stored_held_message>> read_held(const std::string& reader,
                                                     const std::optional<held_place>& after,
                                                     std::size_t bytes_max) override;

  // Drops the idempotency records, and those of commands, that are past their retention now;
  // otherwise it happens by and by, in the background. Any thread. UNAVAILABLE when it cannot be
  // done now.
  status drop_expired_replies();

  class implementation;
  explicit rocksdb_step_store(std::unique_ptr<implementation> opened);

 private:
  std::unique_ptr<implementation> opened_;
};

}  // namespace perdure::persistence
