#include "actors/subscription_plan.hpp"

#include <boost/test/unit_test.hpp>

#include "actors/subscriptions.hpp"
#include "listener.pb.h"
#include "pubsub/message_source.hpp"

namespace {

using perdure::actors::action_type;
using perdure::actors::plans_of;
using source_kind = perdure::pubsub::message_source::kind;

perdure::action_model listener() {
  return {test::listener::Heard::descriptor()->file()->service(0),
          [] { return std::unique_ptr<perdure::action>(); }, "listener"};
}

perdure::entity_model note(perdure::entity_kind kind) {
  perdure::entity_model model{};
  model.entity_type = "note";
  model.component = "test.Note";
  model.kind = kind;
  return model;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(subscription_plan)

BOOST_AUTO_TEST_CASE(rpcs_of_one_source_are_one_subscription) {
  auto plans = plans_of(action_type(listener()));
  BOOST_TEST_REQUIRE(plans.size() == 3u);
  BOOST_TEST(plans[0].name == "test.listener.Listener/topic/talk");
  BOOST_TEST(plans[0].source().description() == "topic talk");
  BOOST_TEST(plans[0].takers.all.size() == 5u);
  BOOST_TEST(plans[0].takers.all[1].ignores);
  BOOST_TEST(plans[0].takers.all[4].handles_deletes);
  BOOST_TEST(!plans[0].takers.ignores_unknown);
  BOOST_TEST(!plans[0].from_end);
}

BOOST_AUTO_TEST_CASE(a_consumer_group_names_the_subscription) {
  auto plans = plans_of(action_type(listener()));
  BOOST_TEST_REQUIRE(plans.size() == 3u);
  BOOST_TEST(plans[1].name == "readers/topic/" + plans[1].source().name);
  BOOST_TEST(plans[1].source().name == perdure::pubsub::direct_topic("paper", "news"));
  BOOST_TEST(plans[1].takers.ignores_unknown);
  BOOST_TEST(plans[1].from_end);
}

BOOST_AUTO_TEST_CASE(the_changes_of_an_entity_are_a_source) {
  auto plans = plans_of(action_type(listener()));
  BOOST_TEST_REQUIRE(plans.size() == 3u);
  BOOST_TEST((plans[2].source().from == source_kind::value_entity));
  BOOST_TEST(plans[2].name == "test.listener.Listener/value_entity/note");
  BOOST_TEST(plans[2].takers.all.front().method == 6u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_served_is_told_at_start) {
  using perdure::actors::check_subscriptions;
  std::vector actions{listener()};
  std::vector<perdure::entity_model> entities;
  auto refused = check_subscriptions(entities, actions);
  BOOST_TEST((refused.code() == perdure::status_code::invalid_argument));
  BOOST_TEST(refused.message().find("no entity of this process has that type") !=
             std::string::npos);

  entities.push_back(note(perdure::entity_kind::event_sourced));
  refused = check_subscriptions(entities, actions);
  BOOST_TEST(refused.message().find("write event_sourced_entity") != std::string::npos);

  entities.front() = note(perdure::entity_kind::key_value);
  BOOST_TEST(check_subscriptions(entities, actions).ok());

  actions.push_back(listener());
  refused = check_subscriptions(entities, actions);
  BOOST_TEST(refused.message().find("consumer_group of its own") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
