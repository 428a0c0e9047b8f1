// The service under the crash test: one entity with one command and one read, and who listens to
// it.

#include "ledger.hpp"

#include <atomic>
#include <random>
#include <stdexcept>
#include <string>

#include "ears.hpp"
#include "perdure/module.hpp"

namespace ledger {
namespace {

// Never the same twice, in this process or in another: so a reply that was made anew shows.
std::string new_receipt() {
  static const std::string process = std::to_string(std::random_device{}());
  static std::atomic<int> made{0};
  return process + "-" + std::to_string(++made);
}

}  // namespace

std::string entry_of(const domain::EntryAdded& event) {
  return event.token() + " " + std::to_string(event.part()) + "/" + std::to_string(event.parts());
}

using perdure::effect;
using perdure::status_code;

effect<api::AppendReply> ledger::append(const domain::Ledger& state,
                                        const api::AppendRequest& command) {
  if (command.entries() < 1)
    return effects().reject(status_code::failed_precondition, "there is nothing to add");

  auto builder = effects();
  domain::EntryAdded added;
  added.set_token(command.token());
  added.set_parts(command.entries());
  added.set_padding(command.padding());
  for (int part = 0; part < command.entries() - 1; ++part) {
    added.set_part(part);
    builder.emit(added);
  }
  if (command.fail()) throw std::runtime_error("the command asked for it");

  added.set_part(command.entries() - 1);
  api::AppendReply reply;
  reply.set_position(state.entries_size());
  reply.set_receipt(new_receipt());
  return std::move(builder.emit(added)).then_reply(std::move(reply));
}

effect<api::Entries> ledger::read(const domain::Ledger& state, const api::ReadRequest&) {
  api::Entries reply;
  *reply.mutable_entries() = state.entries();
  return effects().reply(std::move(reply));
}

domain::Ledger ledger::on_entry_added(domain::Ledger state, const domain::EntryAdded& event) {
  state.add_entries(entry_of(event));
  return state;
}

}  // namespace ledger

PERDURE_SERVICE(service) {
  service.name("ledger").add<ledger::ledger>();
  service.add<ears::ear>().add<ears::of_stored>().add<ears::of_published>();
}
