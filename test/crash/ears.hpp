#pragma once

#include "ears.perdure.hpp"

namespace ears {

using google::protobuf::Empty;
using perdure::action_effect;
using perdure::effect;
using perdure::task;

// Keeps all that it is told, in its order. So nothing that is listened to can be lost, doubled or
// moved without showing.
class ear final : public ear_base {
 public:
  effect<Empty> hear(const Heard& heard, const HearRequest& command) override;
  effect<Heard> get(const Heard& heard, const EarRequest& command) override;
};

class of_stored final : public of_stored_base {
 public:
  task<action_effect<Empty>> on_entry_added(const ledger::domain::EntryAdded& event) override;
};

class of_published final : public of_published_base {
 public:
  task<action_effect<Empty>> on_entry_added(const ledger::domain::EntryAdded& event) override;
};

}  // namespace ears
