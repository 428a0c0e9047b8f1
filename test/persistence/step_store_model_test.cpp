// Random steps, right and wrong ones, to the memory store and to another: after each group both
// must have answered alike, and in the end hold the same, also when the other was reopened in
// between.

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "persistence/memory_step_store.hpp"
#include "test/persistence/redis_server.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;
using namespace std::string_literals;

namespace {

constexpr std::uint32_t shards = 16;

class random_steps {
 public:
  explicit random_steps(std::uint32_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t n) {
    return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random_);
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }

  entity_key entity() { return {one_in(3) ? "a" : "ab", ids_[below(ids_.size())]}; }
  idempotency_key key() { return {one_in(2) ? "m.A" : "m.B", std::to_string(below(5))}; }

  step next() {
    step s;
    s.entity = entity();
    auto& last = expected_[s.entity];
    s.expected = sequence_nr{one_in(20) ? below(last + 3) : last};
    s.time = {time_ += below(1000) << 20};
    s.region = region_id{static_cast<std::uint16_t>(below(3))};
    if (one_in(4)) s.trace_parent = bytes(55);
    for (auto n = below(4); n > 0; --n) s.events.push_back({"t" + bytes(3), bytes(below(200))});
    if (one_in(8)) s.snapshot = new_snapshot{"state", bytes(below(500))};
    if (one_in(3)) {
      s.key = key();
      s.reply = {random_(), bytes(below(50))};
    }
    if (value(s.expected) == last) last += s.events.size();
    return s;
  }

  // What the stores say they hold, after a step that was refused.
  void correct(const entity_key& entity, std::uint64_t last) { expected_[entity] = last; }

  timestamp now() const { return hybrid_time{time_}.wall(); }

 private:
  std::string bytes(std::size_t size) {
    std::string text(size, ' ');
    for (auto& c : text) c = static_cast<char>(below(256));
    return text;
  }

  std::mt19937_64 random_;
  std::vector<std::string> ids_{"1", "11", "1\0"s, "\x01",     "/",
                                "|", "2",  "22",   "\xc3\xa9", "long" + std::string(300, 'g')};
  std::map<entity_key, std::uint64_t> expected_;
  std::uint64_t time_ = std::uint64_t{1'700'000'000'000} << 16;
};

std::uint64_t last_of(const history& h) {
  if (!h.events.empty()) return value(h.events.back().sequence);
  return h.snapshot ? value(h.snapshot->sequence) : 0;
}

void compare(step_store& model, step_store& store, random_steps& steps) {
  for (int i = 0; i < 20; ++i) {
    auto entity = steps.entity();
    auto expected = model.load(entity);
    auto actual = store.load(entity);
    BOOST_REQUIRE_MESSAGE(actual.ok(), actual.error());
    BOOST_REQUIRE((*expected == *actual));
    auto key = steps.key();
    BOOST_REQUIRE((*model.find_reply(entity, key, steps.now()) ==
                   *store.find_reply(entity, key, steps.now())));
  }
  shard_id shard{static_cast<std::uint32_t>(steps.below(shards))};
  log_offset from{steps.below(200)};
  auto bytes = steps.below(5000);
  BOOST_REQUIRE((*model.read_log(shard, from, bytes) == *store.read_log(shard, from, bytes)));
}

// `open()` opens the store, also again when it was closed.
template <class Open>
void run(std::uint32_t seed, Open open) {
  memory_step_store model(shards);
  auto store = open();
  random_steps steps(seed);
  for (int round = 0; round < 150; ++round) {
    std::vector<step> group;
    for (auto n = steps.below(40); n > 0; --n) group.push_back(steps.next());
    auto expected = model.commit(group);
    auto actual = store->commit(group);
    BOOST_REQUIRE((expected == actual));
    for (const auto& s : group) steps.correct(s.entity, last_of(*model.load(s.entity)));
    compare(model, *store, steps);
    if (steps.one_in(25)) {
      store.reset();
      store = open();
    }
  }
  for (std::uint32_t shard = 0; shard < shards; ++shard) {
    BOOST_TEST((whole_log(model, shard_id{shard}) == whole_log(*store, shard_id{shard})));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(step_store_model)

BOOST_AUTO_TEST_CASE(rocksdb_does_what_the_memory_store_does) {
  for (std::uint32_t seed : {1, 2, 3}) {
    temporary_folder folder;
    manual_clock clock;
    BOOST_TEST_CONTEXT("seed " << seed) {
      run(seed, [&] { return open_store(folder.path(), clock); });
    }
  }
}

BOOST_AUTO_TEST_CASE(redis_does_what_the_memory_store_does,
                     *boost::unit_test::precondition(has_redis_server)) {
  for (std::uint32_t seed : {1, 2, 3}) {
    redis_server server;
    manual_clock clock;
    BOOST_TEST_CONTEXT("seed " << seed) {
      run(seed, [&] { return open_store(server.endpoint(), clock, shards); });
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
