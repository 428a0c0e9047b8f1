// Damaged, misplaced and missing records: DATA_LOSS for the entity they belong to, with the place
// in the text, and nothing for any other.

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "persistence/rocksdb_keys.hpp"
#include "test/persistence/rocksdb_raw_database.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;

namespace {

const entity_key victim{"cart", "victim"};
const entity_key bystander{"cart", "bystander"};
const idempotency_key key{"m", "k"};

// A store with two entities, whose files `damage` has changed, opened again.
struct damaged_store {
  temporary_folder folder;
  manual_clock clock;
  std::unique_ptr<rocksdb_step_store> store;
  shard_id shard = shard_of(victim.id, 16);

  explicit damaged_store(const std::function<void(raw_database&, shard_id)>& damage) {
    store = open_store(folder.path(), clock);
    for (const auto& id : {victim.id, bystander.id}) {
      BOOST_REQUIRE(commit(*store, step_of(id, 0, {"a", "b"})) == status());
      auto s = step_with_reply(id, 2, clock.now(), key, {1, "reply"});
      s.snapshot = new_snapshot{"cart.domain.Cart", "ab"};
      BOOST_REQUIRE(commit(*store, s) == status());
      BOOST_REQUIRE(commit(*store, step_of(id, 2, {"c", "d", "e"})) == status());
    }
    store.reset();
    {
      raw_database raw(folder.path());
      damage(raw, shard);
    }
    store = open_store(folder.path(), clock);
  }

  // Loading the victim fails and says `text`; the bystander goes on.
  void expect_data_loss(const std::string& text) {
    auto lost = store->load(victim);
    BOOST_REQUIRE(!lost.ok());
    BOOST_TEST(lost.error().code() == status_code::data_loss);
    BOOST_TEST(lost.error().message().find(text) != std::string::npos, lost.error().message());
    expect_bystander_goes_on();
  }
  void expect_bystander_goes_on() {
    BOOST_TEST(store->load(bystander)->events.size() == 3);
    BOOST_TEST((*store->find_reply(bystander, key, clock.now()))->payload == "reply");
    BOOST_TEST(commit(*store, step_of(bystander.id, 5, {"f"})) == status());
    BOOST_TEST(store->load(bystander)->events.size() == 4);
  }
};

// A store whose records have left the write-ahead log for sorted files, each payload in a block of
// its own.
struct store_in_files {
  temporary_folder folder;
  manual_clock clock;
  std::vector<std::string> payloads;

  store_in_files() {
    std::mt19937 random(1);  // so that the files hold them as they are: they do not compress
    for (auto& payload : payloads = std::vector<std::string>(5)) {
      for (int i = 0; i < 10'000; ++i) payload += static_cast<char>(random());
    }
    auto store = open_store(folder.path(), clock);
    for (std::uint64_t n = 0; n < 4; ++n) {
      BOOST_REQUIRE(commit(*store, step_of(victim.id, n, {payloads[n]})) == status());
    }
    BOOST_REQUIRE(commit(*store, step_of(bystander.id, 0, {payloads[4]})) == status());
    store.reset();  // makes sorted files of what was in the log
  }

  // Changes a byte of the first block that holds `text`.
  void damage(const std::string& text) {
    for (const auto& entry : std::filesystem::directory_iterator(folder.path() / "steps")) {
      if (entry.path().extension() != ".sst") continue;
      std::ifstream in(entry.path(), std::ios::binary);
      std::string bytes((std::istreambuf_iterator<char>(in)), {});
      auto at = bytes.find(text.substr(0, 64));
      if (at == std::string::npos) continue;
      bytes[at] = static_cast<char>(bytes[at] ^ 1);
      std::ofstream(entry.path(), std::ios::binary) << bytes;
      return;
    }
    BOOST_FAIL("no file holds what is to be damaged");
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rocksdb_damage)

BOOST_AUTO_TEST_CASE(a_damaged_event_names_the_entity_the_event_and_its_offset) {
  damaged_store damaged([](raw_database& raw, shard_id shard) {
    raw.flip_bit("log", log_key(shard, log_offset{3}), 100);
  });
  damaged.expect_data_loss("cart/victim, event 4 (column family log, shard " +
                           std::to_string(value(damaged.shard)) +
                           ", offset 3): the checksum does not match");
}

BOOST_AUTO_TEST_CASE(a_log_is_read_up_to_the_damage) {
  damaged_store damaged([](raw_database& raw, shard_id shard) {
    raw.flip_bit("log", log_key(shard, log_offset{3}), 100);
  });
  auto& store = *damaged.store;
  BOOST_TEST(store.read_log(damaged.shard, log_offset{0}, 1 << 20)->size() == 3);
  auto lost = store.read_log(damaged.shard, log_offset{3}, 1 << 20);
  BOOST_TEST(lost.error().code() == status_code::data_loss);
  BOOST_TEST(lost.error().message().find("offset 3") != std::string::npos);
  BOOST_TEST(store.read_log(damaged.shard, log_offset{4}, 1 << 20)->size() == 1);
}

BOOST_AUTO_TEST_CASE(damage_that_the_snapshot_covers_does_no_harm) {
  damaged_store damaged([](raw_database& raw, shard_id shard) {
    raw.flip_bit("log", log_key(shard, log_offset{0}), 100);
  });
  BOOST_TEST(damaged.store->load(victim)->events.size() == 3);
}

BOOST_AUTO_TEST_CASE(a_missing_event_is_noticed) {
  damaged_store damaged(
      [](raw_database& raw, shard_id shard) { raw.remove("log", log_key(shard, log_offset{3})); });
  damaged.expect_data_loss("event 4");
  BOOST_TEST(damaged.store->read_log(damaged.shard, log_offset{3}, 1 << 20).error().code() ==
             status_code::data_loss);
}

BOOST_AUTO_TEST_CASE(a_damaged_index_entry_is_noticed) {
  damaged_store damaged([](raw_database& raw, shard_id) {
    raw.flip_bit("index", index_key(victim, sequence_nr{4}), 20);
  });
  damaged.expect_data_loss("event 4 (column family index)");
}

BOOST_AUTO_TEST_CASE(a_gap_in_the_index_is_noticed) {
  damaged_store damaged(
      [](raw_database& raw, shard_id) { raw.remove("index", index_key(victim, sequence_nr{4})); });
  damaged.expect_data_loss("event 4 (column family index): the record is missing");
}

BOOST_AUTO_TEST_CASE(a_snapshot_without_its_last_event_is_noticed) {
  damaged_store damaged([](raw_database& raw, shard_id) {
    for (std::uint64_t n = 2; n <= 5; ++n) raw.remove("index", index_key(victim, sequence_nr{n}));
  });
  damaged.expect_data_loss("event 2 (column family index): the record is missing");
}

BOOST_AUTO_TEST_CASE(an_index_entry_that_points_to_another_event_is_noticed) {
  damaged_store damaged([](raw_database& raw, shard_id shard) {
    // A sound record, in the wrong place.
    auto index = index_key(victim, sequence_nr{4});
    raw.put("index", index, encode_index(index, log_offset{2}));
    (void)shard;
  });
  damaged.expect_data_loss("the index points to cart/victim, event 3");
}

BOOST_AUTO_TEST_CASE(an_index_entry_that_points_to_an_event_of_another_entity_is_noticed) {
  std::string other;  // in the victim's shard, so that its event has the same number there
  for (int i = 0; other.empty() || shard_of(other, 16) != shard_of(victim.id, 16); ++i) {
    other = "other-" + std::to_string(i);
  }
  temporary_folder folder;
  manual_clock clock;
  {
    auto store = open_store(folder.path(), clock);
    BOOST_REQUIRE(commit(*store, step_of(victim.id, 0, {"a"})) == status());
    BOOST_REQUIRE(commit(*store, step_of(other, 0, {"x"})) == status());
  }
  auto index = index_key(victim, sequence_nr{1});
  raw_database(folder.path()).put("index", index, encode_index(index, log_offset{1}));
  auto lost = open_store(folder.path(), clock)->load(victim);
  BOOST_TEST(lost.error().code() == status_code::data_loss);
  BOOST_TEST(lost.error().message().find("the index points to cart/" + other + ", event 1") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_damaged_snapshot_is_noticed) {
  damaged_store damaged(
      [](raw_database& raw, shard_id) { raw.flip_bit("snapshot", entity_prefix(victim), 77); });
  damaged.expect_data_loss("cart/victim (column family snapshot): the checksum does not match");
}

BOOST_AUTO_TEST_CASE(a_snapshot_of_another_entity_is_noticed) {
  damaged_store damaged([](raw_database& raw, shard_id) {
    raw.put("snapshot", entity_prefix(victim), raw.get("snapshot", entity_prefix(bystander)));
  });
  damaged.expect_data_loss("column family snapshot");
}

BOOST_AUTO_TEST_CASE(a_damaged_reply_is_noticed) {
  damaged_store damaged(
      [](raw_database& raw, shard_id) { raw.flip_bit("replies", reply_key(victim, key), 5); });
  auto lost = damaged.store->find_reply(victim, key, damaged.clock.now());
  BOOST_TEST(lost.error().code() == status_code::data_loss);
  BOOST_TEST(lost.error().message().find("column family replies") != std::string::npos);
  damaged.expect_bystander_goes_on();
}

BOOST_AUTO_TEST_CASE(a_damaged_reply_outlives_the_sweep_of_expired_ones) {
  damaged_store damaged(
      [](raw_database& raw, shard_id) { raw.flip_bit("replies", reply_key(victim, key), 5); });
  damaged.clock.advance(std::chrono::hours(25));
  BOOST_TEST(damaged.store->drop_expired_replies() == status());
  damaged.store.reset();
  auto left = raw_database(damaged.folder.path()).keys("replies");
  BOOST_TEST(left == std::vector{reply_key(victim, key)}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_record_of_a_newer_perdure_is_told_from_damage) {
  damaged_store damaged([](raw_database& raw, shard_id) {
    auto place = entity_prefix(victim);
    auto value = raw.get("snapshot", place);
    value[0] = 9;
    raw.put("snapshot", place, resealed(value, record_kind::snapshot, place));
  });
  auto refused = damaged.store->load(victim);
  BOOST_TEST(refused.error().code() == status_code::failed_precondition);
  BOOST_TEST(refused.error().message().find("newer Perdure") != std::string::npos);
}

// --------------------------------------------------------------------------- files of the database

BOOST_AUTO_TEST_CASE(a_damaged_block_of_the_log_is_noticed) {
  store_in_files in_files;
  in_files.damage(in_files.payloads[1]);
  auto store = open_store(in_files.folder.path(), in_files.clock);

  auto lost = store->load(victim);
  BOOST_TEST(lost.error().code() == status_code::data_loss);
  BOOST_TEST(lost.error().message().find("event 2 (column family log") != std::string::npos);
  BOOST_TEST(store->load(bystander)->events.size() == 1);
  auto shard = shard_of(victim.id, 16);
  BOOST_TEST(store->read_log(shard, log_offset{0}, 1 << 20)->size() == 1);
  BOOST_TEST(store->read_log(shard, log_offset{1}, 1 << 20).error().code() ==
             status_code::data_loss);
  BOOST_TEST(store->read_log(shard, log_offset{2}, 1 << 20)->size() == 2);
}

BOOST_AUTO_TEST_CASE(a_damaged_block_of_the_index_is_noticed) {
  store_in_files in_files;
  in_files.damage(entity_prefix(bystander));  // its number stands in the block's first key
  auto store = open_store(in_files.folder.path(), in_files.clock);
  BOOST_TEST(commit(*store, step_of(victim.id, 4, {"x"})).code() == status_code::data_loss);
  BOOST_TEST(store->load(victim).error().code() == status_code::data_loss);
  BOOST_TEST(commit(*store, step_of("another", 0, {"x"})) == status());
}

BOOST_AUTO_TEST_CASE(a_store_that_cannot_tell_where_a_log_ends_is_not_opened) {
  store_in_files in_files;
  in_files.damage(in_files.payloads[3]);  // or the next event would take the place of another
  auto refused =
      rocksdb_step_store::open({.folder = in_files.folder.path(), .clock = in_files.clock});
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(refused.error().code() == status_code::data_loss);
  BOOST_TEST(refused.error().message().find("the end of the log of shard") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
