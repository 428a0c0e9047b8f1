// The RocksDB in a data folder, by its own API.

#include <rocksdb/db.h>
#include <xxhash.h>

#include <boost/test/unit_test.hpp>

#include <map>

#include "persistence/rocksdb_keys.hpp"
#include "test/persistence/rocksdb_raw_database.hpp"

namespace perdure::test {

struct raw_database::opened {
  std::unique_ptr<rocksdb::DB> db;
  std::map<std::string, rocksdb::ColumnFamilyHandle*> families;

  ~opened() {
    for (auto& [name, handle] : families) db->DestroyColumnFamilyHandle(handle);
  }
};

raw_database::raw_database(const std::filesystem::path& data_folder)
    : opened_(std::make_unique<opened>()) {
  auto folder = (data_folder / "steps").string();
  std::vector<std::string> names;
  auto s = rocksdb::DB::ListColumnFamilies({}, folder, &names);
  BOOST_REQUIRE_MESSAGE(s.ok(), s.ToString());
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& name : names) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  s = rocksdb::DB::Open({}, folder, descriptors, &handles, &db);
  BOOST_REQUIRE_MESSAGE(s.ok(), s.ToString());
  opened_->db.reset(db);
  for (std::size_t i = 0; i < names.size(); ++i) opened_->families[names[i]] = handles[i];
}

raw_database::~raw_database() = default;

std::string raw_database::get(const std::string& family, std::string_view key) {
  std::string value;
  auto s = opened_->db->Get({}, opened_->families.at(family), key, &value);
  BOOST_REQUIRE_MESSAGE(s.ok(), s.ToString());
  return value;
}

void raw_database::put(const std::string& family, std::string_view key, std::string_view value) {
  BOOST_REQUIRE(opened_->db->Put({}, opened_->families.at(family), key, value).ok());
}

void raw_database::remove(const std::string& family, std::string_view key) {
  BOOST_REQUIRE(opened_->db->Delete({}, opened_->families.at(family), key).ok());
}

void raw_database::flip_bit(const std::string& family, std::string_view key, std::size_t bit) {
  auto value = get(family, key);
  value.at(bit / 8) = static_cast<char>(value.at(bit / 8) ^ 1 << bit % 8);
  put(family, key, value);
}

std::vector<std::string> raw_database::keys(const std::string& family) {
  std::unique_ptr<rocksdb::Iterator> it(opened_->db->NewIterator({}, opened_->families.at(family)));
  std::vector<std::string> found;
  for (it->SeekToFirst(); it->Valid(); it->Next()) found.push_back(it->key().ToString());
  BOOST_REQUIRE(it->status().ok());
  return found;
}

void raw_database::create_family(const std::string& family) {
  auto s = opened_->db->CreateColumnFamily({}, family, &opened_->families[family]);
  BOOST_REQUIRE_MESSAGE(s.ok(), s.ToString());
}

void raw_database::drop_family(const std::string& family) {
  BOOST_REQUIRE(opened_->db->DropColumnFamily(opened_->families.at(family)).ok());
}

std::string resealed(std::string value, persistence::record_kind kind, std::string_view key) {
  value.resize(value.size() - 8);
  auto seed = XXH3_64bits_withSeed(key.data(), key.size(), static_cast<std::uint64_t>(kind));
  persistence::append_u64(value, XXH3_64bits_withSeed(value.data(), value.size(), seed));
  return value;
}

}  // namespace perdure::test
