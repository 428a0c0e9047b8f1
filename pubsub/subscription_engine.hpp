#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "persistence/mail.hpp"
#include "pubsub/held_queue.hpp"
#include "pubsub/seen_subjects.hpp"
#include "pubsub/subscription.hpp"

// How a subscription works; in five files:
//
//   subscription.cpp             its life: start, load, recover from a failed commit, stop; its
//   status subscription_reading.cpp     partitions, pages, what a source may say instead
//   subscription_handling.cpp    messages to the handler and back, and into steps
//   subscription_retries.cpp     what is held back is tried again
//   subscription_admin.cpp       pause, resume, rewind, retry, skip
//
// One mutex guards all of it. Nothing is called under it but the committer: whoever has changed
// something leaves what is to be called in its `turn`, which calls it afterwards.
//
// An era lasts from one loading of the store to the next failed commit. What was begun in another
// era counts for nothing, but that a handler still runs for its key.

namespace perdure::pubsub {

class subscription::engine : public std::enable_shared_from_this<engine> {
 public:
  engine(std::string name, std::string description, entity_key owner, subscription_source source,
         message_handler handler, subscription_limits bounds, surroundings around);

  void start();
  void stop(std::function<void()> ended);

  void set_paused(bool is_paused, on_done done);
  void rewind(std::vector<position> to, on_done done);
  void rewind(timestamp to, on_done done);
  void retry(const std::string& key, on_done done);
  void retry_all(on_done done);
  void skip(const std::string& key, std::uint64_t number, on_done done);

  subscription_status status_now();

 private:
  // ------------------------------------------------------------------------------- what it has

  // A message on its way.
  struct message {
    std::uint64_t era = 0;
    std::uint32_t partition = 0;
    topic_offset offset{};
    cloud_event event;
    std::string key;        // messages of one key go one after the other
    std::string subject;    // of duplicates; empty: they cannot be told
    std::size_t bytes = 0;  // about
    std::uint32_t attempt = 1;
    enum { waits, is_handed, is_handled, is_to_be_held, is_duplicate } state = waits;
    bool is_dropped = false;  // its partition was rewound
    handled_message outcome;
    std::optional<persistence::stored_held_message> held;  // set: it is tried again
  };
  using message_ptr = std::shared_ptr<message>;

  struct key_state {
    bool is_busy = false;              // a handler runs
    std::vector<message_ptr> waiting;  // for it, in order
    std::size_t to_be_held = 0;        // messages that the next steps put into the held queue
    std::unique_ptr<held_queue> held;  // null: nothing is held

    bool is_held() const { return held != nullptr || to_be_held > 0; }
    bool is_idle() const { return !is_busy && waiting.empty() && !is_held(); }
  };
  using keys = std::unordered_map<std::string, key_state>;

  struct partition {
    std::uint32_t number = 0;
    std::uint64_t epoch = 0;  // another one once it was rewound
    topic_offset stored{};    // the cursor
    topic_offset given{};     // the cursor after the steps that are in flight
    topic_offset read{};      // where to read on
    topic_offset end{};       // of the source, as far as known
    std::deque<message_ptr> ahead;
    std::size_t ahead_bytes = 0;
    std::deque<message_ptr> window;
    std::size_t in_steps = 0;  // messages of steps in flight
    std::size_t steps = 0;
    std::shared_ptr<seen_subjects> seen;
    bool is_reading = false;
    bool must_move = false;  // the cursor, though no message has come
    std::size_t moves = 0;   // rewinds that are not durable: what was seen is still known
    bool is_marked = false;
    std::string problem;  // of its source; empty: none
    std::chrono::milliseconds backoff{};

    // Whether it is still the partition that was read, once the source had it no more.
    struct record_mark {
      topic_offset offset;
      timestamp time;
    };
    std::optional<record_mark> last;     // the last record that was read, of this process
    bool is_gone = false;                // the source has not got it
    std::optional<topic_offset> resume;  // `last` is being read again: if it is there, from here on
    bool is_anew = false;                // it is not

    bool is_empty() const { return ahead.empty() && window.empty(); }
  };

  enum class phase { new_born, loading, running, failing };

  // One change under the lock, and what comes of it.
  class turn {
   public:
    // On the committer's thread the turn leaves what takes time to another one.
    enum class thread { any, committer };
    explicit turn(engine& e, thread on = thread::any);
    ~turn();
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

    // Once the lock is let go of.
    void after(std::function<void()> call) { after_.push_back(std::move(call)); }

   private:
    engine& engine_;
    const thread on_;
    std::unique_lock<std::mutex> lock_;
    std::vector<std::function<void()>> after_;
  };

  // ------------------------------------------------------------------------------------- life

  struct loaded_state {
    std::uint64_t generation = 0;
    std::map<std::uint32_t, topic_offset> cursors;
    bool is_paused = false;
    std::map<std::string, held_queue> queues;
  };
  void load();
  result<loaded_state> read_store();
  void begin_era(turn& t, loaded_state loaded);
  void fail(turn& t, const status& why);

  // Serves what is marked; the last thing of a turn.
  void advance(turn& t);
  void mark(partition& p);
  void mark_all();
  bool may_take() const;  // more messages from the source

  // Counted as under way until it has returned.
  void run_elsewhere(turn& t, std::function<void()> what);
  // Not when the subscription has been stopped meanwhile.
  void run_later(turn& t, std::chrono::milliseconds delay, std::function<void(turn&)> what);
  void tell(turn& t, const on_done& done, status result);

  // Once it has loaded; with an error when it could not.
  void when_loaded(std::function<void(turn&, const status&)> what);

  // ---------------------------------------------------------------------------------- reading

  struct found_partition {
    std::uint32_t number;
    result<partition_bounds> bounds;
  };
  void discover(turn& t);
  void found(turn& t, std::uint64_t era, result<std::vector<found_partition>> partitions);
  void add_partitions(turn& t, const std::vector<found_partition>& found);
  void read_on(turn& t, partition& p);
  void asked(std::uint64_t era, std::uint32_t number, std::uint64_t epoch);
  void stop_readings(turn& t);
  void page_came(std::uint64_t era, std::uint32_t number, std::uint64_t epoch,
                 result<topic_page> page);
  void reading_failed(turn& t, partition& p, const status& why);
  void look_where_it_is(turn& t, partition& p);
  void came_back(partition& p, const partition_bounds& there);
  static bool go_on_behind_last(partition& p, topic_page& page);
  void reposition(partition& p, const partition_bounds& there);
  result<std::deque<message_ptr>> messages_of(std::uint64_t era, std::uint32_t number,
                                              seen_subjects* seen,
                                              std::vector<topic_record> records);
  partition* find(std::uint64_t era, std::uint32_t number);
  void report_consumed(turn& t);

  // --------------------------------------------------------------------------------- handling

  void serve(turn& t, partition& p);
  void fill_window(partition& p);
  void admit(const message_ptr& m);
  void hand_over();
  void hand(const message_ptr& m);
  void returned(const message_ptr& m, handled_message outcome);
  void handled(const message_ptr& m, handled_message outcome);
  void hold(const message_ptr& m, key_state& state);
  void let_go(const std::string& key);  // its handler does not run any more
  void forget_if_idle(keys::iterator at);
  bool is_stale(const message& m) const { return m.is_dropped || m.era != era_; }
  std::string origin_of(const message& m) const;

  // Steps are submitted under the lock, so that those of a partition stay in their order.
  using effects_ptr = std::shared_ptr<persistence::mail_effects>;
  void submit(turn& t, effects_ptr effects, std::function<void(turn&)> then, on_done done = {});
  void submitted(std::uint64_t era, const effects_ptr& effects, const status& result,
                 const std::function<void(turn&)>& then, const on_done& done);
  bool has_step(const partition& p) const;
  void submit_step(turn& t, partition& p);
  void take_into(turn& t, const message_ptr& m, persistence::mail_effects& effects);

  // ---------------------------------------------------------------------------------- retries

  void put_into_queue(turn& t, const message_ptr& m, persistence::topic_effects& effects);
  void queue_stored(const std::vector<persistence::held_change>& changes);
  void set_due(const std::string& key, held_queue& queue, timestamp at);
  void due_again(const std::string& key, held_queue& queue);
  void start_tries(turn& t);
  bool start_try(turn& t, const std::string& key);
  void first_read(turn& t, const std::string& key,
                  result<std::vector<persistence::stored_held_message>> page);
  void hand_first(turn& t, const std::string& key, key_state& state);
  void tried(turn& t, const message_ptr& m, handled_message outcome);
  void first_is_gone(turn& t, const std::string& key, const persistence::held_message& what);
  void end_try(turn& t, const std::string& key, held_queue& queue);
  void queue_bytes(held_queue& queue, std::size_t before, std::size_t now);
  timestamp retry_time(const handled_message& outcome, std::uint32_t attempts) const;
  void warn_parked(turn& t, const persistence::held_message& what, const std::string& key);

  // ------------------------------------------------------------------------------------ admin

  // Finds the positions elsewhere, then moves there.
  void rewind_to(std::function<result<std::vector<position>>()> find, on_done done);
  void move_to(turn& t, const std::vector<position>& to, const on_done& done);
  void drop(partition& p);

  using first_messages = std::vector<persistence::stored_held_message>;
  // Reads the first message of each key, once all that was submitted before is durable.
  void read_firsts(std::vector<std::string> of_keys,
                   std::function<void(turn&, result<first_messages>)> then);
  void retry_parked(turn& t, std::vector<std::string> of_keys, on_done done);
  void retry_firsts(turn& t, first_messages firsts, const on_done& done);
  void skip_first(const std::string& key, std::uint64_t number, const on_done& done);

  // ------------------------------------------------------------------------------------- state

  const std::string name_;
  const std::string description_;
  const entity_key owner_;
  const subscription_source source_;
  const message_handler handler_;
  const subscription_limits bounds_;
  const surroundings around_;

  std::mutex mutex_;
  phase phase_ = phase::new_born;
  std::uint64_t era_ = 0;
  std::uint64_t epochs_ = 0;
  std::shared_ptr<std::atomic<bool>> is_void_;  // the steps of this era
  std::uint64_t generation_ = 0;
  std::map<std::uint32_t, topic_offset> cursors_;  // as loaded
  bool is_paused_ = false;

  std::vector<std::unique_ptr<partition>> partitions_;
  std::vector<partition*> marked_;
  bool is_topic_new_ = false;  // it was not there when the reader began

  keys keys_;
  std::vector<message_ptr> ready_;  // to be handed over
  bool is_handing_ = false;

  std::set<std::pair<timestamp, std::string>> due_;
  timestamp next_look_ = timestamp::max();  // at due_
  std::size_t tries_ = 0;                   // under way
  std::size_t held_messages_ = 0;
  std::size_t held_bytes_ = 0;

  timestamp warned_{};
  std::size_t parked_since_ = 0;

  std::size_t under_way_ = 0;  // all that will call us
  std::size_t steps_ = 0;      // of it
  std::size_t readings_ = 0;   // of it
  bool is_advance_due_ = false;
  bool is_report_due_ = false;
  std::uint64_t handled_ = 0;
  std::chrono::milliseconds backoff_{};  // after a failed commit
  std::string store_problem_;
  std::string source_problem_;
  std::vector<std::function<void(turn&, const status&)>> when_loaded_;

  bool is_stopping_ = false;
  std::function<void()> ended_;
};

}  // namespace perdure::pubsub
