#pragma once

#include <string>

// Names of topics, which are Kafka's.

namespace perdure::codegen {

// What is wrong with a topic's name; empty: nothing.
std::string wrong_with_topic(const std::string& name);

// What is wrong with a name that is made a part of a topic's, or is held to the same rules.
std::string wrong_with_part_of_topic(const std::string& name);

}  // namespace perdure::codegen
