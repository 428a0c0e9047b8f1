#pragma once

#include <string>

#include "ledger_api.perdure.hpp"

namespace ledger {

// "<token> <part>/<parts>": what a ledger shows of an event.
std::string entry_of(const domain::EntryAdded& event);

// A list that only grows. Its position in the list tells of every entry what came before it, so
// nothing can be lost, doubled or moved without showing.
class ledger final : public domain::ledger_base {
 public:
  perdure::effect<api::AppendReply> append(const domain::Ledger& state,
                                           const api::AppendRequest& command) override;
  perdure::effect<api::Entries> read(const domain::Ledger& state,
                                     const api::ReadRequest& command) override;

  domain::Ledger on_entry_added(domain::Ledger state, const domain::EntryAdded& event) override;
};

}  // namespace ledger
