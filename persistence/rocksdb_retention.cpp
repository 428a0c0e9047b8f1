// Dropping what is past its retention, while RocksDB compacts.

#include "persistence/rocksdb_retention.hpp"

#include <string>

#include "persistence/rocksdb_database.hpp"
#include "persistence/rocksdb_mail_records.hpp"
#include "persistence/rocksdb_records.hpp"

namespace perdure::persistence {
namespace {

class replies_filter final : public rocksdb::CompactionFilter {
 public:
  replies_filter(const perdure::clock& clock, std::chrono::milliseconds retention)
      : clock_(clock), retention_(retention) {}

  const char* Name() const override { return "perdure.expired_replies"; }

  bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice& value, std::string*,
              bool*) const override {
    auto reply = decode_reply(view(key), view(value));
    return reply && has_expired(reply->time, clock_.now(), retention_);
  }

 private:
  const perdure::clock& clock_;
  const std::chrono::milliseconds retention_;
};

class commands_filter final : public rocksdb::CompactionFilter {
 public:
  commands_filter(const perdure::clock& clock, std::chrono::milliseconds retention)
      : clock_(clock), retention_(retention) {}

  const char* Name() const override { return "perdure.expired_commands"; }

  bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice& value, std::string*,
              bool*) const override {
    auto command = decode_command(view(key), view(value));
    return command && command->done && has_expired(command->time, clock_.now(), retention_);
  }

 private:
  const perdure::clock& clock_;
  const std::chrono::milliseconds retention_;
};

}  // namespace

std::shared_ptr<rocksdb::CompactionFilter> expired_replies_filter(
    const perdure::clock& clock, std::chrono::milliseconds retention) {
  return std::make_shared<replies_filter>(clock, retention);
}

std::shared_ptr<rocksdb::CompactionFilter> expired_commands_filter(
    const perdure::clock& clock, std::chrono::milliseconds retention) {
  return std::make_shared<commands_filter>(clock, retention);
}

}  // namespace perdure::persistence
