// How large steps and stored events are: whatever of them is stored counts.

#include "persistence/step.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;

namespace {

const std::string kilobyte(1000, 'x');

}  // namespace

BOOST_AUTO_TEST_SUITE(step)

BOOST_AUTO_TEST_CASE(all_that_a_step_stores_counts) {
  auto plain = step_of("1", 0, {"a", "b"});
  auto with = [&](auto change) {
    auto s = plain;
    change(s);
    return bytes_of(s) - bytes_of(plain);
  };
  BOOST_TEST(with([](auto& s) { s.events[1].payload += kilobyte; }) == 1000);
  BOOST_TEST(with([](auto& s) { s.events[0].type += kilobyte; }) == 1000);
  BOOST_TEST(with([](auto& s) { s.reply.payload += kilobyte; }) == 1000);
  BOOST_TEST(with([](auto& s) { s.snapshot = new_snapshot{"", kilobyte}; }) == 1000);
  BOOST_TEST(with([](auto& s) { s.snapshot = new_snapshot{kilobyte, ""}; }) == 1000);
  BOOST_TEST(with([](auto& s) { s.key = idempotency_key{"", kilobyte}; }) == 1000);
  BOOST_TEST(with([](auto& s) { s.key = idempotency_key{kilobyte, ""}; }) == 1000);
  // These stand in the record of each event.
  BOOST_TEST(with([](auto& s) { s.entity.type += kilobyte; }) == 2000);
  BOOST_TEST(with([](auto& s) { s.entity.id += kilobyte; }) == 2000);
  BOOST_TEST(with([](auto& s) { s.trace_parent += kilobyte; }) == 2000);
}

BOOST_AUTO_TEST_CASE(all_that_a_stored_event_holds_counts) {
  const stored_event plain{};
  auto with = [&](auto change) {
    auto e = plain;
    change(e);
    return bytes_of(e) - bytes_of(plain);
  };
  BOOST_TEST(with([](auto& e) { e.payload = kilobyte; }) == 1000);
  BOOST_TEST(with([](auto& e) { e.type = kilobyte; }) == 1000);
  BOOST_TEST(with([](auto& e) { e.entity.type = kilobyte; }) == 1000);
  BOOST_TEST(with([](auto& e) { e.entity.id = kilobyte; }) == 1000);
  BOOST_TEST(with([](auto& e) { e.trace_parent = kilobyte; }) == 1000);
}

BOOST_AUTO_TEST_SUITE_END()
