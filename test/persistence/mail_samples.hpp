#pragma once

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "persistence/mail_store.hpp"
#include "test/persistence/samples.hpp"

// Mail and timers of entities "cart"/`id`, sent, set and read back; failing to read fails the test.
// Times are milliseconds since 1970.

namespace perdure::test {

using texts = std::vector<std::string>;

inline constexpr std::size_t everything = 1 << 30;

inline entity_key cart(const std::string& id) { return {"cart", id}; }

inline std::vector<persistence::stored_mail> mail_in(persistence::mail_store& store,
                                                     const std::string& id,
                                                     mail_position after = {}) {
  auto mail = store.read_mail(cart(id), after, everything);
  BOOST_REQUIRE_MESSAGE(mail.ok(), mail.error());
  return *std::move(mail);
}

inline texts payloads_of(const std::vector<persistence::stored_mail>& mail) {
  texts payloads;
  for (const auto& m : mail) payloads.push_back(m.mail.payload);
  return payloads;
}

// Commits a persistence::step of `id`, which changes nothing else, that sends `mail`.
inline status send(persistence::mail_store& store, const std::string& id,
                   std::vector<persistence::new_mail> mail) {
  auto s = mail_only(id);
  mail_of(s).mail = std::move(mail);
  return commit(store, s);
}

inline persistence::timer_change timer_at(const std::string& name, std::int64_t due,
                                          const std::string& payload = "t",
                                          std::chrono::milliseconds period = {}) {
  return {name, persistence::timer_change::timer{timestamp{std::chrono::milliseconds(due)}, period,
                                                 mail_to("target", payload)}};
}

inline status set_timers(persistence::mail_store& store, const std::string& id,
                         std::vector<persistence::timer_change> changes) {
  auto s = mail_only(id);
  mail_of(s).timers = std::move(changes);
  return commit(store, s);
}

inline std::vector<persistence::stored_timer> due_at(persistence::mail_store& store,
                                                     std::int64_t now, std::size_t max = 1000) {
  auto timers = store.read_due_timers(timestamp{std::chrono::milliseconds(now)}, max);
  BOOST_REQUIRE_MESSAGE(timers.ok(), timers.error());
  return *std::move(timers);
}

inline texts names_of(const std::vector<persistence::stored_timer>& timers) {
  texts names;
  for (const auto& t : timers) names.push_back(t.name);
  return names;
}

inline std::optional<std::int64_t> next_due(persistence::mail_store& store) {
  auto next = store.next_due();
  BOOST_REQUIRE_MESSAGE(next.ok(), next.error());
  if (!*next) return std::nullopt;
  return (*next)->time_since_epoch().count();
}

inline persistence::step firing(const persistence::stored_timer& timer, std::int64_t now) {
  auto s = mail_only(timer.owner.id);
  mail_of(s).fired =
      persistence::mail_effects::fired_timer{timer, timestamp{std::chrono::milliseconds(now)}};
  return s;
}

}  // namespace perdure::test
