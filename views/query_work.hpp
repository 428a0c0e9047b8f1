#pragma once

#include "perdure/status.hpp"
#include "views/run_budget.hpp"

namespace perdure::views {

// What is to be done for a query, on one thread at a time.
class query_work {
 public:
  virtual ~query_work() = default;

  // False: the budget was for what is quick, and this is not. Nothing of it was done.
  virtual bool run(run_budget& budget) = 0;

  // In place of run(): nobody will.
  virtual void refuse(status why) = 0;

  // Until when, and whether somebody still wants it; may be null.
  virtual timestamp deadline() const = 0;
  virtual const std::atomic<bool>* cancelled() const = 0;
};

}  // namespace perdure::views
