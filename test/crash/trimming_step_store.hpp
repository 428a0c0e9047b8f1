#pragma once

#include <string>

#include "test/crash/forwarding_step_store.hpp"

namespace perdure::test {

// Drops of each topic what its reader has dealt with, once more whenever some groups have been
// committed: so a partition is often empty, and begins where its reader stands.
class trimming_step_store final : public forwarding_step_store {
 public:
  using forwarding_step_store::forwarding_step_store;

  std::vector<status> commit(std::span<const persistence::step> group) override;

 private:
  void trim_all();
  void trim(const std::string& topic, const std::string& reader);

  int groups_ = 0;  // since it has trimmed
};

}  // namespace perdure::test
