#pragma once

#include <memory>

#include "test/crash/planted_faults.hpp"

namespace perdure::test {

// with_fault(), of the faults that concern topics and their readers.
std::unique_ptr<persistence::topic_store> with_topic_fault(
    std::unique_ptr<persistence::topic_store> inner, fault f);

}  // namespace perdure::test
