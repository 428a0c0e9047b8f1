#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "perdure/status.hpp"
#include "views/pauses.hpp"

// Streams that keep a snapshot between two batches: a bounded number, each until its deadline.

namespace perdure::views {

class query_stream;

// Any thread.
class open_streams {
 public:
  // `clock` outlives this.
  open_streams(const perdure::clock& clock, std::size_t open_max);

  // RESOURCE_EXHAUSTED: there are as many as may be. Open until what is given is gone.
  result<std::shared_ptr<void>> keep(const std::shared_ptr<query_stream>& stream);

  void end_all(const status& why);

 private:
  std::vector<std::shared_ptr<query_stream>> open_now();
  void look_later();
  void look();

  const perdure::clock& clock_;
  const std::size_t open_max_;
  const std::shared_ptr<std::atomic<std::size_t>> count_;

  std::mutex mutex_;
  std::vector<std::weak_ptr<query_stream>> all_;
  bool is_looking_ = false;
  std::optional<pauses> pauses_;  // from the first stream on; destroyed before the others
};

}  // namespace perdure::views
