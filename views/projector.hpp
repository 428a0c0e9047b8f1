#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/log_position.hpp"
#include "perdure/status.hpp"
#include "perdure/view.hpp"
#include "pubsub/topic_log.hpp"
#include "views/sqlite_view_file.hpp"
#include "views/view_plan.hpp"

// Keeps the rows of one view: reads its sources, runs its handlers, writes what they decide.
//
//   pages of all partitions -> one thread: handle, message by message -> rows and cursors: one
//        ^                                        | failed                transaction
//        +---- next pages, once it is committed   v
//                            held back with all later ones of the subject, in the same
//                            transaction: tried again after longer and longer pauses, then parked
//
// So each message takes effect once, those of a subject in their order, and one that fails holds up
// its subject only. A file that cannot be written (a full disk) stops the view, which says so and
// tries again; nothing is passed over.
//
// A cursor that is before what its topic still has goes on with the first that is there, and a
// warning says how many messages were missed. One that is behind the end belongs to another log: it
// is a problem that a rebuild mends.

namespace perdure::views {

struct projector_limits {
  std::uint32_t attempts_max = 8;
  std::chrono::milliseconds backoff_min{100};
  std::chrono::milliseconds backoff_max = std::chrono::seconds{30};
  std::size_t page_bytes = 256 << 10;      // read at once; at most two of a partition are ahead
  std::size_t batch_messages_max = 4096;   // in one transaction
  std::size_t held_bytes_max = 256 << 20;  // past it the view reads no more, and says so
  std::chrono::milliseconds look_every = std::chrono::seconds{5};  // for new partitions
  std::size_t key_bytes_max = 4 << 10;
  std::size_t row_bytes_max = 4 << 20;  // encoded
};

struct projector_status {
  struct partition {
    std::string source;  // "topic flights"
    std::uint32_t partition = 0;
    topic_offset next{};
    topic_offset end{};  // as far as known
  };
  std::vector<partition> partitions;
  std::uint64_t lag = 0;       // messages between cursors and ends
  std::uint64_t handled = 0;   // since it was started
  std::uint64_t retrying = 0;  // subjects that are tried again
  std::uint64_t parked = 0;    // subjects that wait for somebody to say so
  std::uint64_t held = 0;      // messages held back
  std::string problem;         // why it does not go on; empty: it does
  bool is_complete = false;    // the file says so
};

// Where a source of a view is read.
struct source_log {
  pubsub::topic_log* log;
  std::string topic;        // of `log`
  bool may_repeat = false;  // one message may stand there twice: dedupe by subject and sequence
};

// Any thread.
class projector {
 public:
  struct surroundings {
    // As plan.sources; may be fewer only if the constructor's caller wants others not to be read.
    // Outlive this.
    std::vector<source_log> logs;
    const perdure::clock& clock;  // outlives this
    std::string reader;           // "view/<service>/<number>", of topic_log::read
    // Something was committed; on the projector's thread, in order, quick.
    std::function<void(const committed_changes&)> committed;
    // Once, unless the file is complete: all that there was has been read. See complete().
    std::function<void()> has_all;
    // Once: the file is damaged, so the view stands still for good.
    std::function<void()> damaged;
  };

  projector(const view_model& model, const view_plan& plan, std::shared_ptr<sqlite_view_file> file,
            projector_limits bounds, surroundings around);
  ~projector();  // stop()

  void start();
  // Waits; what was not committed is read again later. Not on the projector's thread.
  void stop();

  // `told` once what stands before these positions has been committed, at the latest at `deadline`
  // (DEADLINE_EXCEEDED); on any thread, perhaps before this returns. Positions of logs that the
  // view does not read count as seen. UNAVAILABLE: the projector stops.
  void when_seen(const std::vector<log_position>& positions, timestamp deadline,
                 std::function<void(status)> told);

  // The file is to say that it is complete, once all that there was has been read and what stands
  // before these positions has been committed; `told` then. Once. A file that cannot be written is
  // tried again. UNAVAILABLE: the projector stops. On any thread, perhaps before this returns.
  void complete(std::vector<log_position> positions, std::function<void(status)> told);

  // Tries what is held back of a subject now; or of all. `source` is its path or description. These
  // wait until it is done: not on the projector's thread.
  //   NOT_FOUND    nothing is held back
  //   UNAVAILABLE  it could not be written, or the projector stops
  status retry(const std::string& source, const std::string& subject);
  void retry_all();
  // Takes the first message of a subject out, for good. NOT_FOUND: it is not the first any more.
  status skip(const std::string& source, const std::string& subject, std::uint64_t number);

  projector_status status_now() const;

 private:
  class worker;
  std::unique_ptr<worker> worker_;
};

}  // namespace perdure::views
