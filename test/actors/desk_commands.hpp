#pragma once

#include <optional>
#include <string>
#include <vector>

#include "test/actors/entity_fixture.hpp"

// Commands that tests give to desks, and what became of them.

namespace test {

inline desk::PassRequest pass(const std::string& from, const std::string& to,
                              const std::vector<std::string>& what) {
  desk::PassRequest request;
  request.set_desk_id(from);
  request.set_to(to);
  for (const auto& text : what) request.add_texts(text);
  return request;
}

inline perdure::actors::command by_mail(entity_fixture& f, perdure::actors::delivery way,
                                        const std::string& text, const std::string& id) {
  auto c = f.command_to<desk::desk>("b", "Note", desk::note("b", text));
  c.way = way;
  c.command_id = id;
  return c;
}

inline std::optional<perdure::actors::command_status> status_of(entity_fixture& f,
                                                                const std::string& id) {
  std::optional<perdure::actors::command_status> known;
  f.router->find_command(id, [&](auto found) { known = *std::move(found); });
  f.run();
  return known;
}

// Where a caller's command sends something but changes nothing: to desk b, by the mailbox of a.
inline perdure::actors::command silent_pass(entity_fixture& f, const std::string& text,
                                            const std::string& id) {
  auto request = pass("a", "b", {text});
  request.set_silently(true);
  auto c = f.command_to<desk::desk>("a", "Pass", request);
  c.way = perdure::actors::delivery::sent;
  c.command_id = id;
  return c;
}

struct throwing_desks {
  throwing_desks() { desk::desk::throws = true; }
  ~throwing_desks() { desk::desk::throws = false; }
};

}  // namespace test
