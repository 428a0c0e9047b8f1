// Which store is whose, and who is woken by it.

#include "actors/environment.hpp"

#include <boost/test/unit_test.hpp>

#include "pubsub/entity_log.hpp"
#include "test/actors/faulty_step_store.hpp"
#include "test/actors/memory_outbox_store.hpp"
#include "test/persistence/samples.hpp"

using perdure::entity_kind;
using perdure::persistence::group_commit;

BOOST_AUTO_TEST_SUITE(environment)

BOOST_AUTO_TEST_CASE(who_reads_the_store_of_key_values_is_woken_by_its_own_commits_only) {
  perdure::system_clock clock;
  perdure::hybrid_clock step_times{clock};
  test::faulty_step_store store;
  test::memory_outbox_store elsewhere;
  perdure::pubsub::growth grown, grown_elsewhere;
  group_commit commits{store}, commits_elsewhere{elsewhere};
  commits.on_group([&] { grown.grown(); });
  commits_elsewhere.on_group([&] { grown_elsewhere.grown(); });
  auto at_once = [](std::function<void()> what) { what(); };
  perdure::pubsub::entity_log no_topics{store, "service", grown, at_once};
  perdure::actors::environment env{
      .store = store,
      .commits = commits,
      .clock = clock,
      .step_times = step_times,
      .reads = at_once,
      .limits = {},
      .key_values = perdure::actors::key_value_home{elsewhere, commits_elsewhere, grown_elsewhere},
      .topics = perdure::actors::topics_home{no_topics, false, grown, at_once}};
  auto kind = entity_kind::key_value;
  perdure::pubsub::entity_log log{env.store_of(kind), "service", env.growth_of(kind), env.reads};
  bool is_told = false;
  auto shard = value(perdure::shard_of("1", elsewhere.shard_count()));
  log.read("reader", "cart", shard, {}, 1 << 20, [&](auto page) { is_told = page.ok(); });
  int reads = elsewhere.log_reads;
  commits.submit(perdure::test::step_of("1", 0, {"event"}), [](const auto&) {});
  commits.commit_pending();
  BOOST_TEST(elsewhere.log_reads == reads);
  BOOST_TEST(!is_told);
  commits_elsewhere.submit(perdure::test::state_of("1", 0, "state"), [](const auto&) {});
  commits_elsewhere.commit_pending();
  BOOST_TEST(elsewhere.log_reads > reads);
  BOOST_TEST(is_told);
  // What entities of the other store tell, wakes who reads that.
  BOOST_TEST(&env.growth_of(entity_kind::event_sourced) == &grown);
}

BOOST_AUTO_TEST_SUITE_END()
