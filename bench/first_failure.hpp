#pragma once

#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "perdure/status.hpp"

namespace perdure::bench {

// The first of what failed, kept until somebody asks. Any thread.
class first_failure {
 public:
  // Of what was asked: "Add".
  explicit first_failure(std::string of) : of_(std::move(of)) {}

  void note(const status& s) {
    std::lock_guard lock(mutex_);
    if (what_.ok()) what_ = s;
  }

  // Throws std::runtime_error when something did.
  void check() const {
    std::lock_guard lock(mutex_);
    if (!what_.ok()) throw std::runtime_error(of_ + " was answered " + to_string(what_));
  }

 private:
  const std::string of_;
  mutable std::mutex mutex_;
  status what_;
};

}  // namespace perdure::bench
