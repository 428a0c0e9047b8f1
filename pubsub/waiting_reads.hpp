#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "pubsub/growth.hpp"
#include "pubsub/topic_log.hpp"

// How the logs that stand in a store of ours are read by those who wait for more: a reading that
// waits costs no thread, only a look after each group that was committed.

namespace perdure::pubsub {

// Runs something soon, on a thread where blocking is no harm.
using run_elsewhere = std::function<void(std::function<void()>)>;

// Any thread.
class waiting_reads {
 public:
  // `grown` outlives this, or has been stopped.
  waiting_reads(growth& grown, run_elsewhere elsewhere);
  ~waiting_reads();

  waiting_reads(const waiting_reads&) = delete;
  waiting_reads& operator=(const waiting_reads&) = delete;

  struct reading {
    std::string reader;
    // Whether read() would find something or fail; quick, takes no lock of who calls start(). Null:
    // only reading tells, so it is read whenever something was stored.
    std::function<bool()> is_ready;
    // Runs elsewhere. nullopt: there was nothing after all.
    std::function<result<std::optional<topic_page>>()> read;
    topic_log::on_page tell;
  };

  void start(reading r);

  // Those of this reader are told CANCELLED, if they have not been told yet.
  void stop(const std::string& reader);

 private:
  class waiting_list;
  std::shared_ptr<waiting_list> list_;
};

}  // namespace perdure::pubsub
