#pragma once

#include <span>
#include <vector>

#include "test/crash/forwarding_step_store.hpp"

namespace perdure::test {

// A fault: steps are parted in two. What stands apart is durable in its turn before anybody is
// told, and a step failed when either half did, so only a death or a failed disk in between shows
// it.
class parting_step_store : public forwarding_step_store {
 public:
  using forwarding_step_store::forwarding_step_store;

  std::vector<status> commit(std::span<const persistence::step> group) override;

 protected:
  // Moves what is to stand apart; false when nothing is.
  virtual bool part(const persistence::step& of, persistence::mail_effects& first,
                    persistence::mail_effects& second) = 0;
};

}  // namespace perdure::test
