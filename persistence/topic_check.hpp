#pragma once

#include <algorithm>
#include <ranges>
#include <string>
#include <vector>

#include "perdure/status.hpp"
#include "persistence/topic.hpp"

// What every adapter with topics makes of a step's topic_effects in the same way: when a cursor may
// move, and what a reader of a topic asks for in vain.

namespace perdure::persistence {

inline std::string place_of_cursor(const std::string& reader, std::uint32_t partition) {
  return "reader \"" + reader + "\", partition " + std::to_string(partition);
}

// Whether the step's moves fit where the cursors stand, one after the other; `stands_at(move)`, a
// result<topic_offset>, tells where its cursor stands before the step.
template <class StandsAt>
status check_moves(const std::vector<cursor_move>& moves, StandsAt stands_at) {
  for (auto move = moves.begin(); move != moves.end(); ++move) {
    if (!move->expected) continue;
    auto same = [&](const cursor_move& m) {
      return m.partition == move->partition && m.reader == move->reader;
    };
    auto before = std::ranges::find_if(std::make_reverse_iterator(move), moves.rend(), same);
    auto at = before != moves.rend() ? result<topic_offset>(before->next) : stands_at(*move);
    if (!at) return at.error();
    if (*at != *move->expected) {
      return {status_code::aborted,
              place_of_cursor(move->reader, move->partition) + ": its cursor stands at " +
                  std::to_string(value(*at)) + ", but the step expected " +
                  std::to_string(value(*move->expected)) + "; read its cursors again"};
    }
  }
  return {};
}

inline std::string place_in_topic(const std::string& topic, std::uint32_t partition,
                                  topic_offset offset) {
  return "topic \"" + topic + "\", partition " + std::to_string(partition) + ", offset " +
         std::to_string(value(offset));
}

inline status no_longer_there(const std::string& topic, std::uint32_t partition, topic_offset asked,
                              topic_offset first) {
  return {status_code::out_of_range, place_in_topic(topic, partition, asked) +
                                         " is not there any more; the first that is has offset " +
                                         std::to_string(value(first))};
}

}  // namespace perdure::persistence
