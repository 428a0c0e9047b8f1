#pragma once

#include "actors/command.hpp"
#include "actors/command_waiters.hpp"
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

// The step's mail and timers; nothing where the effect has none. `s` has its time and changes.
//   INVALID_ARGUMENT     a timer's name or time, or a call that names no entity
//   FAILED_PRECONDITION  a call that no component of this process serves; too many forwards
//   RESOURCE_EXHAUSTED   a message over its bound
result<sent_by_step> write_mail(const step_author& author, const entity_directory& directory,
                                const command& c, const any_effect& effect, persistence::step& s);

}  // namespace perdure::actors
