#pragma once

#include <string>

// Whether a Redis keeps what it has acknowledged.

namespace perdure::persistence {

struct redis_durability {
  enum class level {
    promised,  // on the disk before it is acknowledged, and nothing is evicted
    weaker,    // what was acknowledged may be lost
    unknown,   // it does not let us ask
  };

  level is = level::unknown;
  std::string warning;  // what may be lost, and what to set; empty when promised
};

}  // namespace perdure::persistence
