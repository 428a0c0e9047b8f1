#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "views/projector.hpp"
#include "views/row_making.hpp"
#include "views/source_reading.hpp"

// How a projector works; in five files:
//
//   projector.cpp             its thread, what others ask of it
//   source_reading.cpp        pages of its sources
//   projector_batch.cpp       messages into transactions
//   projector_retries.cpp     what is held back is tried again
//   projector_completion.cpp  whether all has been read, and that it is complete

namespace perdure::views {

class projector::worker {
 public:
  worker(const view_model& model, const view_plan& plan, std::shared_ptr<sqlite_view_file> file,
         projector_limits bounds, surroundings around);
  ~worker();

  void start();
  void stop();

  void when_seen(const std::vector<log_position>& positions, timestamp deadline,
                 std::function<void(status)> told);
  void complete(std::vector<log_position> positions, std::function<void(status)> told);
  status retry(const std::string& source, const std::string& subject);
  void retry_all();
  status skip(const std::string& source, const std::string& subject, std::uint64_t number);
  projector_status status_now() const;

 private:
  // What is held back of one subject of one source, in order; the first is tried when it is due.
  struct held_queue {
    std::deque<held_message> messages;
    timestamp retry_at{};  // max(): it is parked
  };
  using held_key = std::pair<std::size_t, std::string>;  // source in the plan, subject
  using held_queues = std::map<held_key, held_queue>;

  struct waiter {
    std::vector<log_position> positions;
    timestamp deadline;
    std::function<void(status)> told;
  };

  // ----------------------------------------------------------------- projector.cpp: its thread
  void run();
  bool load();
  void turn();
  void read_on();
  std::chrono::milliseconds time_to_wait() const;
  void end();
  // On the thread, and waits for it.
  status ask(std::function<status()> what);

  void publish();
  bool has_seen(const std::vector<log_position>& positions) const;  // under mutex_
  void tell_waiters();
  void storage_failed(const status& why);

  // ------------------------------------------------------------------------ projector_batch.cpp
  bool has_work() const;
  status run_batch();
  status read_pages();
  status take_in(std::size_t source, std::uint32_t partition, const source_message& what);
  status move_cursors();
  status apply(const made_rows& made);
  made_rows make(std::size_t source, const source_message& what);

  // ---------------------------------------------------------------------- projector_retries.cpp
  status hold(held_key key, std::uint32_t partition, const source_message& what,
              const made_rows* failed);
  status retry_due();
  status retry_queue(const held_key& key, held_queue& queue, bool& is_empty);
  timestamp retry_time(std::uint32_t attempts, bool is_permanent) const;
  void set_due(const held_key& key, held_queue& queue, timestamp at);
  void warn_parked(const held_message& message);
  status load_held();
  held_queues::iterator find_held(const std::string& source, const std::string& subject);
  status skip_now(const std::string& source, const std::string& subject, std::uint64_t number);

  // ------------------------------------------------------------------- projector_completion.cpp
  void look_whether_complete();
  bool looks_at_ends();
  bool has_read_all() const;
  void set_complete();

  const view_model model_;
  const view_plan& plan_;
  const std::shared_ptr<sqlite_view_file> file_;
  const projector_limits bounds_;
  const surroundings around_;
  const std::string name_;  // "view carts.api.Carts", for people
  const std::shared_ptr<inbox> box_ = std::make_shared<inbox>();

  // -------------------------------------------------------------------------- of the thread
  std::unique_ptr<row_making> rows_;
  std::vector<std::unique_ptr<source_reading>> sources_;  // null: not read
  held_queues held_;
  std::set<std::pair<timestamp, held_key>> due_;
  std::size_t held_bytes_ = 0;
  std::size_t held_messages_ = 0;
  std::uint64_t next_number_ = 0;
  std::uint64_t handled_ = 0;
  std::size_t in_batch_ = 0;  // messages of the transaction under way
  std::string storage_problem_;
  timestamp storage_again_{};
  bool is_damaged_ = false;
  timestamp warned_{};
  std::size_t parked_since_ = 0;

  // A round of reading what there was when it began.
  struct round {
    std::vector<std::uint64_t> tickets;  // by source
    std::optional<std::vector<std::vector<topic_offset>>> ends;
    std::chrono::steady_clock::time_point began;
    bool had_nothing = false;
  };
  std::optional<round> round_;
  bool has_all_ = false;
  struct completion {
    std::vector<log_position> positions;
    std::function<void(status)> told;
  };
  std::optional<completion> completion_;

  // ------------------------------------------------------------------------------ any thread
  mutable std::mutex mutex_;
  projector_status status_;
  std::vector<std::pair<std::string, std::vector<topic_offset>>> seen_;  // log; by partition
  std::vector<waiter> waiters_;
  bool is_stopped_ = true;
  std::atomic<bool> is_begun_{false};
  std::atomic<bool> is_stopping_{false};
  std::mutex stopping_;
  std::thread thread_;
};

}  // namespace perdure::views
