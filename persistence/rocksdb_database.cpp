// Opening RocksDB: its options, with the reason for each that is not the default, its column
// families, and the record that says whether the folder is ours and of a version we know.

#include "persistence/rocksdb_database.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "base/check.hpp"
#include "base/log.hpp"
#include "persistence/rocksdb_keys.hpp"

namespace perdure::persistence {
namespace {

constexpr std::string_view store_key = "store";  // in the default column family
constexpr const char* family_names[] = {"default", "log",     "index", "snapshot", "replies",
                                        "mailbox", "timers",  "due",   "commands", "deleted",
                                        "topics",  "readers", "seen",  "held"};

// Blocks, their indexes and filters of all column families together.
constexpr std::size_t block_cache_bytes = 256 << 20;
// Writes not yet in sorted files, of all column families together: bounds what one huge group may
// take; else the bound of the write-ahead log comes first.
constexpr std::size_t write_buffer_bytes = 128 << 20;
// Bounds what is replayed when opening after a crash, some 20 ms a MiB, so that a start does not
// wait for it. What it costs in more frequent flushes and merges, in the background, it nearly
// saves in the thread that commits: small tables in memory stay in the processor's caches.
constexpr std::uint64_t wal_bytes_max = 2 << 20;
// So sorted files begin small. Many are gathered before they are merged with the first level,
// since that rewrites all of it.
constexpr int small_files_max = 32;
constexpr std::uint64_t first_level_bytes = 64 << 20;

// An index key without its sequence number: lets the bloom filter of `index` tell that an entity
// has no events in a file, which is what a new entity asks of every file.
class entity_of_index_key final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "perdure.entity_of_index_key"; }
  bool InDomain(const rocksdb::Slice& key) const override { return key.size() > sequence_bytes; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), key.size() - sequence_bytes};
  }
};

rocksdb::DBOptions database_options(rocksdb::Env* environment) {
  rocksdb::DBOptions options;
  options.env = environment;
  options.create_missing_column_families = true;
  // A write that failed may stand in the log all the same. Resuming leaves it out by flushing all
  // that was written, and must do so for all column families at once: a crash half way would bring
  // back half of the step.
  options.atomic_flush = true;
  options.max_open_files = 1024;
  options.max_file_opening_threads = 1;  // else 16 threads per column family, to open a few files
  options.db_write_buffer_size = write_buffer_bytes;
  options.max_total_wal_size = wal_bytes_max;
  options.bytes_per_sync = 1 << 20;  // so that a flush does not hold up the log's fdatasync
  options.track_and_verify_wals_in_manifest = true;  // notices a log file that went missing
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.max_log_file_size = 4 << 20;
  options.keep_log_file_num = 4;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  return options;
}

rocksdb::ColumnFamilyOptions family_options(std::string_view name,
                                            const std::shared_ptr<rocksdb::Cache>& cache,
                                            const rocksdb::CompactionFilter* forgetting) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));

  rocksdb::ColumnFamilyOptions options;
  auto compressions = rocksdb::GetSupportedCompressions();
  bool has_lz4 = std::ranges::count(compressions, rocksdb::kLZ4Compression) > 0;
  options.compression = has_lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  // What is written first is soon written again; compressing it pays from the second level on.
  options.compression_per_level = {rocksdb::kNoCompression, rocksdb::kNoCompression,
                                   options.compression};
  options.level0_file_num_compaction_trigger = small_files_max;
  options.level0_slowdown_writes_trigger = 4 * small_files_max;
  options.level0_stop_writes_trigger = 8 * small_files_max;
  options.max_bytes_for_level_base = first_level_bytes;
  if (name == "log") {
    // Each shard appends: its next event belongs just behind its last one. So do partitions of
    // `topics`, but where ranges are deleted RocksDB 7.8 follows the hint into another table.
    options.memtable_insert_with_hint_prefix_extractor.reset(
        rocksdb::NewFixedPrefixTransform(shard_bytes));
  }
  if (name == "topics") {
    table.filter_policy.reset();  // nobody asks for a message that may not be there
  }
  if (name == "index") {
    options.prefix_extractor = std::make_shared<entity_of_index_key>();
    table.whole_key_filtering = false;
  }
  if (forgetting) {
    // The filter sees a record only when its file is compacted: often enough that files hold
    // little that has expired.
    options.compaction_filter = forgetting;
    options.periodic_compaction_seconds = 6 * 60 * 60;
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

status open_failure(const rocksdb::Status& s, const std::string& folder) {
  auto code = s.IsCorruption()                              ? status_code::data_loss
              : s.IsInvalidArgument() || s.IsNotSupported() ? status_code::failed_precondition
                                                            : status_code::unavailable;
  return {code, "the store in " + folder + " cannot be opened: " + s.ToString()};
}

status another_store(const std::string& folder) {
  return {status_code::failed_precondition,
          folder + " no longer holds the store that was opened there; bring it back, or restart"};
}

// RocksDB makes durable what its folder holds, but not the folder's own name, nor the names of the
// folders above that were made with it: a power cut could take all of them, and the store with
// them.
rocksdb::Status sync_name_of(const std::filesystem::path& folder, rocksdb::Env& environment) {
  auto sync = [&](const std::filesystem::path& path) {
    std::unique_ptr<rocksdb::Directory> opened;
    auto s = environment.NewDirectory(path.string(), &opened);
    return s.ok() ? opened->Fsync() : s;
  };
  auto above = std::filesystem::absolute(folder).parent_path();
  auto s = sync(above);
  while (s.ok() && above != above.root_path()) {
    above = above.parent_path();
    (void)sync(above);  // where we may not, we have made no folder either
  }
  return s;
}

// Column families that are there and that we do not know.
status check_families(const rocksdb::DBOptions& options, const std::string& folder) {
  std::vector<std::string> names;
  if (!options.env->FileExists(folder + "/CURRENT").ok()) {
    // A new store, unless data is there: RocksDB would begin anew and clear it away.
    (void)options.env->GetChildren(folder, &names);  // fails where there is no folder yet
    auto is_data = [](const auto& n) { return n.ends_with(".sst") || n.ends_with(".log"); };
    if (std::ranges::none_of(names, is_data)) return {};
    return {status_code::data_loss, "the store in " + folder +
                                        " has lost its file CURRENT; restore the folder from a "
                                        "backup or choose another with --data"};
  }
  auto s = rocksdb::DB::ListColumnFamilies(options, folder, &names);
  if (!s.ok()) return open_failure(s, folder);
  for (const auto& name : names) {
    if (std::ranges::find(family_names, name) == std::end(family_names)) {
      return {status_code::failed_precondition,
              "the store in " + folder + " holds the column family \"" + name +
                  "\", which this Perdure does not know: it was written by a newer Perdure, or by "
                  "another program; start the version that wrote it or choose another folder with "
                  "--data"};
    }
  }
  return {};
}

}  // namespace

result<std::unique_ptr<rocksdb_database>> rocksdb_database::open(const settings& how) {
  count_nothing();
  auto folder = how.folder.string();
  auto options = database_options(how.environment);
  options.create_if_missing = !how.must_exist;
  if (auto known = check_families(options, folder); !known.ok()) return known;

  auto cache = rocksdb::NewLRUCache(block_cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (std::string_view name : family_names) {
    const auto* forgetting = name == "replies"    ? how.replies_filter.get()
                             : name == "commands" ? how.commands_filter.get()
                                                  : nullptr;
    families.emplace_back(std::string(name), family_options(name, cache, forgetting));
  }
  std::unique_ptr<rocksdb_database> opened(new rocksdb_database);
  opened->replies_filter_ = how.replies_filter;
  opened->commands_filter_ = how.commands_filter;
  rocksdb::DB* db = nullptr;
  auto s = rocksdb::DB::Open(options, folder, families, &opened->families_, &db);
  if (!s.ok()) return open_failure(s, folder);
  opened->db_.reset(db);

  if (auto ours = opened->read_or_create_store_record(how); !ours.ok()) return ours;
  return opened;
}

rocksdb_database::~rocksdb_database() {
  if (db_) flush();
  for (auto* family : families_) db_->DestroyColumnFamilyHandle(family);
  if (db_) {
    if (auto s = db_->Close(); !s.ok()) log_warning("closing the store: " + s.ToString());
  }
}

// Leaves nothing in the write-ahead log, so that the next start has nothing to replay. All of it is
// durable without: a failure changes nothing but how long that start takes.
void rocksdb_database::flush() {
  rocksdb::FlushOptions at_once;
  at_once.allow_write_stall = true;  // nobody writes any more
  if (auto s = db_->Flush(at_once, families_); !s.ok()) {
    log_warning("flushing the store before it is closed: " + s.ToString());
  }
}

status rocksdb_database::read_or_create_store_record(const settings& how) {
  auto folder = how.folder.string();
  std::string value;
  rocksdb::Slice key(store_key.data(), store_key.size());
  auto s = db_->Get(rocksdb::ReadOptions(), key, &value);
  if (s.ok()) {
    auto decoded = decode_store(store_key, value);
    if (!decoded) {
      return {decoded.error().code(), "the store in " + folder + " cannot be opened: its record " +
                                          "\"store\": " + decoded.error().message()};
    }
    store_ = *decoded;
    if (how.must_exist && store_ != how.store) return another_store(folder);
    return {};
  }
  if (!s.IsNotFound()) return open_failure(s, folder);
  if (how.must_exist) return another_store(folder);
  if (!is_empty()) {
    return {status_code::failed_precondition,
            folder +
                " holds a RocksDB database that is not Perdure's (it has no record "
                "\"store\"); choose another folder with --data"};
  }
  // Before the record: a folder that has one has its name for good.
  s = sync_name_of(how.folder, *how.environment);
  if (!s.ok()) return open_failure(s, folder);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  store_ = how.store;
  s = db_->Put(synced, key, encode_store(store_key, store_));
  return s.ok() ? status() : open_failure(s, folder);
}

bool rocksdb_database::is_empty() const {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  return std::ranges::all_of(families_, [&](auto* family) {
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, family));
    it->SeekToFirst();
    return !it->Valid() && it->status().ok();
  });
}

void count_nothing() { rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable); }

status read_failure(const rocksdb::Status& s, std::string_view place) {
  PERDURE_CHECK(!s.ok());
  auto text = std::string(place);
  log_error(text + ": " + s.ToString());
  if (s.IsNotFound()) return {status_code::data_loss, text + ": the record is missing"};
  if (s.IsCorruption())
    return {status_code::data_loss, text + ": the file that holds it is damaged"};
  return {status_code::unavailable, text + ": the store cannot be read now"};
}

}  // namespace perdure::persistence
