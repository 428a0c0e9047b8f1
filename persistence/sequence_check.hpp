#pragma once

#include <string>

#include "perdure/status.hpp"
#include "persistence/step.hpp"

// The two reasons for which a step is ABORTED, in the same words for every adapter.

namespace perdure::persistence {

// Whether `s` may follow `last`, the sequence number its entity has.
inline status check_expected(const step& s, sequence_nr last) {
  if (s.expected == last) return {};
  return {status_code::aborted, to_string(s.entity) + " is at event " +
                                    std::to_string(value(last)) + ", but the step expected " +
                                    std::to_string(value(s.expected)) + "; load the entity again"};
}

// A step is decided on the state that the one before it leaves, so it cannot stand without it, even
// where the numbers happen to fit.
inline status earlier_step_failed(const step& s) {
  return {status_code::aborted,
          "an earlier step of " + to_string(s.entity) + " failed; load the entity again"};
}

}  // namespace perdure::persistence
