#pragma once

#include <string>

#include "perdure/status.hpp"
#include "persistence/step.hpp"

// The three reasons for which a step is ABORTED, in the same words for every adapter.

namespace perdure::persistence {

// Whether `s` may follow `last`, the sequence number its entity has.
inline status check_expected(const step& s, sequence_nr last) {
  if (s.expected == last) return {};
  return {status_code::aborted, to_string(s.entity) + " is at event " +
                                    std::to_string(value(last)) + ", but the step expected " +
                                    std::to_string(value(s.expected)) + "; load the entity again"};
}

// What had failed may show after all, and then the numbers of steps that were decided without it
// may fit by chance.
inline status check_generation(const step& s, std::uint64_t now) {
  if (!s.generation || *s.generation == now) return {};
  return {status_code::aborted,
          to_string(s.entity) + " was loaded before the store has healed; load the entity again"};
}

// A step is decided on the state that the one before it leaves, so it cannot stand without it, even
// where the numbers happen to fit.
inline status earlier_step_failed(const step& s) {
  return {status_code::aborted,
          "an earlier step of " + to_string(s.entity) + " failed; load the entity again"};
}

}  // namespace perdure::persistence
