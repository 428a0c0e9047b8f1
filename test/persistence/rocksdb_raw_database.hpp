#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/rocksdb_records.hpp"

namespace perdure::test {

// The RocksDB in a data folder without Perdure's store over it: to look at what is on disk, and to
// damage it. Only while no store has the folder open.
class raw_database {
 public:
  explicit raw_database(const std::filesystem::path& data_folder);
  ~raw_database();

  std::string get(const std::string& family, std::string_view key);
  void put(const std::string& family, std::string_view key, std::string_view value);
  void remove(const std::string& family, std::string_view key);
  void flip_bit(const std::string& family, std::string_view key, std::size_t bit);
  std::vector<std::string> keys(const std::string& family);
  void create_family(const std::string& family);
  void drop_family(const std::string& family);

 private:
  struct opened;
  std::unique_ptr<opened> opened_;
};

// A value with its checksum put right again, as another version of Perdure would write it.
std::string resealed(std::string value, persistence::record_kind kind, std::string_view key);

}  // namespace perdure::test
