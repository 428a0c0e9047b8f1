// Damaged, misplaced and missing records: DATA_LOSS for the entity they belong to, with the place
// in the text, and nothing for any other.

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>

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

BOOST_AUTO_TEST_SUITE_END()
