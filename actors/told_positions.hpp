#pragma once

#include <string>
#include <vector>

#include "actors/command.hpp"
#include "actors/entity_directory.hpp"
#include "actors/entity_type.hpp"
#include "actors/environment.hpp"
#include "base/ids.hpp"
#include "persistence/mail_store.hpp"
#include "persistence/topic.hpp"

// How far what views follow had grown when a reply left: behind all that its command did, and
// perhaps behind what others have done since.

namespace perdure::actors {

// Of what one entity writes. Any thread.
class entity_positions {
 public:
  entity_positions() = default;  // tells nothing
  entity_positions(const environment& env, const entity_type& type, const std::string& entity_id);

  // As encode_positions() writes it; empty where nobody follows. Reads the ends from the store's
  // memory.
  std::string now() const;

 private:
  const persistence::topic_store* store_ = nullptr;  // null: nobody follows
  shard_id shard_{};
  std::string log_;  // encoded; empty: not followed
  std::string topic_;
};

// The outcome that was recorded of a command that has ended, with the positions of its entity.
outcome told_again(const environment& env, const entity_directory& directory,
                   persistence::command_record known);

// Of the topics that these messages, which are durable, were published to. Any thread.
std::string positions_of(const std::vector<persistence::new_message>& published,
                         const environment& env);

}  // namespace perdure::actors
