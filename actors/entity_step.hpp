#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/command.hpp"
#include "actors/entity_directory.hpp"
#include "actors/entity_recovering.hpp"
#include "actors/entity_type.hpp"
#include "actors/environment.hpp"
#include "perdure/effect.hpp"
#include "persistence/step.hpp"

// From what a handler has decided to the step that makes it true: events or the new state, mail and
// timers. Changes no state and stores nothing; all that can be refused is refused here.

namespace perdure::actors {

// Of whom a step is.
struct step_author {
  const entity_type& type;
  const entity_key& key;
  const recovered_entity& self;
  const environment& env;
};

// The step's events: the effect's, the new state, the deletion. An entity that has no state is not
// deleted again.
//   INTERNAL  one of them could not be read back; the detail is in the log
status write_changes(const step_author& author, const any_effect& effect, persistence::step& s);

// What a reply waits for, of what a step sends.
struct sent_by_step {
  std::vector<std::string> awaited;      // command ids
  std::optional<std::string> forwarded;  // the command id under which this command goes on
};

// The step's mail and timers; nothing where the effect has none. `s` has its time and changes.
//   INVALID_ARGUMENT     a timer's name or time, or a call that names no entity
//   FAILED_PRECONDITION  a call that no component of this process serves; too many forwards
//   RESOURCE_EXHAUSTED   a message over its bound
result<sent_by_step> write_mail(const step_author& author, const entity_directory& directory,
                                const command& c, const any_effect& effect, persistence::step& s);

// Whether there is room for the step's mail.
//   RESOURCE_EXHAUSTED  not now, in the mailbox of one of its targets
status check_room(const environment& env, const persistence::step& s);

// Whether the command may be forwarded once more.
//   FAILED_PRECONDITION  it was forwarded as often as may be
status check_hops(const command& c, const limits& bounds);

}  // namespace perdure::actors
