// Who listens to the ledgers: to their events, and to the topic that these are published to.

#include "ears.hpp"

#include <string>
#include <utility>

#include "ledger.hpp"

namespace ears {
namespace {

perdure::call<Empty> hear(const std::string& ear, const ledger::domain::EntryAdded& event) {
  HearRequest request;
  request.set_ear_id(ear);
  request.set_entry(ledger::entry_of(event));
  return ears_calls::hear(std::move(request));
}

}  // namespace

effect<Empty> ear::hear(const Heard& heard, const HearRequest& command) {
  auto after = heard;
  after.add_entries(command.entry());
  return effects().update(std::move(after)).then_reply(Empty{});
}

effect<Heard> ear::get(const Heard& heard, const EarRequest&) { return effects().reply(heard); }

task<action_effect<Empty>> of_stored::on_entry_added(const ledger::domain::EntryAdded& event) {
  return effects().send(hear("stored." + context().subject(), event)).no_reply();
}

task<action_effect<Empty>> of_published::on_entry_added(const ledger::domain::EntryAdded& event) {
  auto heard = co_await hear("published." + context().subject(), event);
  if (!heard.ok()) co_return effects().reject(heard.error());
  co_return effects().no_reply();
}

}  // namespace ears
