#pragma once

#include <memory>

#include "test/crash/planted_faults.hpp"

namespace perdure::test {

// with_fault(), of the faults that concern mail.
std::unique_ptr<persistence::topic_store> with_mail_fault(
    std::unique_ptr<persistence::topic_store> inner, fault f);

}  // namespace perdure::test
