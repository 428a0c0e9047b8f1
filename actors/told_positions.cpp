// Used by actors/entity_committing.cpp and actors/action_commands.cpp for their replies, which a
// view's query may be sent with (views/queries.cpp).

#include "actors/told_positions.hpp"

#include "base/log_position.hpp"
#include "pubsub/message_source.hpp"

namespace perdure::actors {
namespace {

using source_kind = pubsub::message_source::kind;

std::string topic_path(const std::string& topic) {
  return pubsub::message_source{source_kind::topic, topic}.path();
}

pubsub::message_source source_of(const entity_model& model) {
  bool is_key_value = model.kind == entity_kind::key_value;
  return {is_key_value ? source_kind::value_entity : source_kind::event_sourced_entity,
          model.entity_type};
}

}  // namespace

// What is elsewhere reaches its topic later, so that where the topic is now says nothing of it.
entity_positions::entity_positions(const environment& env, const entity_type& type,
                                   const std::string& entity_id) {
  if (env.followed.empty() || env.is_elsewhere(type.model().kind)) return;
  auto path = source_of(type.model()).path();
  if (env.followed.contains(path)) log_ = encoded_log(path);
  if (env.followed.contains(topic_path(type.topic()))) topic_ = type.topic();
  if (log_.empty() && topic_.empty()) return;
  store_ = &env.store;
  shard_ = shard_of(entity_id, env.store.shard_count());
}

std::string entity_positions::now() const {
  std::string text;
  if (!store_) return text;
  if (!log_.empty()) add_position(text, log_, value(shard_), value(store_->log_end(shard_)));
  if (!topic_.empty()) {
    auto end = store_->bounds(topic_, value(shard_)).end;
    add_position(text, encoded_log(topic_path(topic_)), value(shard_), value(end));
  }
  return text;
}

outcome told_again(const environment& env, const entity_directory& directory,
                   persistence::command_record known) {
  outcome ended{
      .result = std::move(known.result), .reply = std::move(known.reply), .left_mailbox = true};
  auto type = directory.find(known.target.type);
  if (type && ended.result.ok()) {
    ended.positions = entity_positions(env, *type, known.target.id).now();
  }
  return ended;
}

std::string positions_of(const std::vector<persistence::new_message>& published,
                         const environment& env) {
  std::string text;
  if (env.followed.empty()) return text;
  for (const auto& message : published) {
    auto path = topic_path(message.topic);
    if (!env.followed.contains(path)) continue;
    auto partition = persistence::partition_of(message, env.store.shard_count());
    std::string one;
    add_position(one, encoded_log(path), partition,
                 value(env.store.bounds(message.topic, partition).end));
    text = merged_positions(text, one);
  }
  return text;
}

}  // namespace perdure::actors
