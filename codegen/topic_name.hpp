#pragma once

#include <string>

// Names of topics, which are Kafka's.

namespace perdure::codegen {

// What is wrong with a topic's name, or with a name that is made a part of one; empty: nothing.
std::string wrong_with_topic(const std::string& name);

}  // namespace perdure::codegen
