// RocksDB without the runtime. What the step store writes of the commands is read back from it, and
// then written again and again.

#include "bench/rocksdb_load.hpp"

#include <rocksdb/db.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/check.hpp"
#include "base/clock.hpp"
#include "bench/stored_carts.hpp"
#include "persistence/rocksdb_database.hpp"

namespace perdure::bench {
namespace {

using clock = std::chrono::steady_clock;
using commands = std::vector<cart::api::AddItemRequest>;

}  // namespace

class rocksdb_load::running {
 public:
  running(const std::filesystem::path& folder, const commands& given, std::size_t batch)
      : batch_(batch) {
    store_commands(folder, given);
    auto opened = persistence::rocksdb_database::open({.folder = folder / "steps",
                                                       .store = {shards, time_.now()},
                                                       .replies_filter = nullptr,
                                                       .commands_filter = nullptr,
                                                       .environment = rocksdb::Env::Default()});
    if (!opened.ok()) throw std::runtime_error(opened.error().message());
    database_ = std::move(*opened);
    auto events = all_of(database_->log());
    auto index = all_of(database_->index());
    PERDURE_CHECK(events.size() == given.size() && index.size() == given.size());
    std::mt19937 random(1);
    std::ranges::shuffle(events, random);
    std::ranges::shuffle(index, random);
    for (std::size_t i = 0; i < given.size(); ++i) records_.push_back({events[i], index[i]});
  }

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time, measured& into) {
    auto counted_from = clock::now() + lead_in;
    auto end = counted_from + time;
    double answers = 0;
    auto now = clock::now();
    while (now < end) {
      write_batch();
      auto begun = std::exchange(now, clock::now());
      if (begun < counted_from) {
        counted_from = now;
        continue;
      }
      into.spent.record(now - begun);
      answers += static_cast<double>(batch_);
    }
    into.rates.push_back(answers / std::chrono::duration<double>(now - counted_from).count());
  }

 private:
  struct entry {
    std::string key, value;
  };
  struct record {
    entry event;  // in the log
    entry index;
  };

  std::vector<entry> all_of(rocksdb::ColumnFamilyHandle* family) const {
    rocksdb::ReadOptions options;
    options.total_order_seek = true;
    std::vector<entry> all;
    std::unique_ptr<rocksdb::Iterator> it(database_->db().NewIterator(options, family));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      all.push_back({it->key().ToString(), it->value().ToString()});
    }
    return all;
  }

  // Writes the number that ends a key.
  static void set_number(std::string& key, std::uint64_t n) {
    for (std::size_t i = 1; i <= 8; ++i, n >>= 8) key[key.size() - i] = static_cast<char>(n & 0xff);
  }

  void write_batch() {
    rocksdb::WriteBatch batch;
    for (std::size_t i = 0; i < batch_; ++i) {
      auto& r = records_[next_ % records_.size()];
      // Both keys end in a number: of the event in its shard, and in its cart.
      ++next_;
      set_number(r.event.key, first_number + next_);
      set_number(r.index.key, first_number + next_);
      auto s = batch.Put(database_->log(), r.event.key, r.event.value);
      if (s.ok()) s = batch.Put(database_->index(), r.index.key, r.index.value);
      if (!s.ok()) throw std::runtime_error("RocksDB: " + s.ToString());
    }
    rocksdb::WriteOptions synced;
    synced.sync = true;
    if (auto s = database_->db().Write(synced, &batch); !s.ok()) {
      throw std::runtime_error("RocksDB: " + s.ToString());
    }
  }

  static constexpr std::uint32_t shards = 16;
  static constexpr std::uint64_t first_number = 1 << 20;  // above those that are there

  const std::size_t batch_;
  system_clock time_;
  std::unique_ptr<persistence::rocksdb_database> database_;
  std::vector<record> records_;
  std::size_t next_ = 0;
};

rocksdb_load::rocksdb_load(const std::filesystem::path& folder, const commands& given,
                           std::size_t batch)
    : running_(std::make_unique<running>(folder, given, batch)) {}

rocksdb_load::~rocksdb_load() = default;

void rocksdb_load::run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
                       measured& into) {
  running_->run(lead_in, time, into);
}

}  // namespace perdure::bench
