#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/command.hpp"
#include "actors/command_waiters.hpp"
#include "actors/entity_directory.hpp"
#include "actors/environment.hpp"
#include "persistence/mail.hpp"

// Brings what stands in the durable mailboxes to the entities, and takes out what they have
// handled.
//
//   a step is durable:  arrived ----------------------------+
//   process starts:     start -> read a page of the mailbox |
//                                        ^                  v
//                        more is there   |          hand over, in order, a few at a time
//                                        |                  |
//                                        +---- handled <----+
//                                        |                  | not handled: the entity or its store
//                                        +-- wait, begin <--+ failed
//                                            a new round
//
// Mail that has just been stored goes on from memory; only what found no room there, or was left by
// an earlier process, is read. Mail of one entity is handed over in the order of its positions.
// What was not handled stays where it is, and everything behind it: it is tried again, after longer
// and longer pauses, without end.

namespace perdure::actors {

// Any thread. Shared with the commands that are out.
class mail_delivery : public std::enable_shared_from_this<mail_delivery> {
 public:
  struct surroundings {
    // Gives the command to its entity's actor. Never runs the actor on this thread, and never
    // refuses; its reply says what became of it.
    std::function<void(command)> hand_over;
    // Does something later, on another thread.
    std::function<void(std::chrono::milliseconds, std::function<void()>)> later;
  };

  mail_delivery(std::shared_ptr<const environment> env,
                std::shared_ptr<const entity_directory> directory,
                std::shared_ptr<command_waiters> waiters, surroundings around);

  // Begins with what waits in the store.
  void start();

  // This mail stands in its mailbox now. Called in the order of positions, as commits end.
  void arrived(const persistence::new_mail& mail);

  // A step that sends something has failed, and may show after all: looks for mail that nobody told
  // of, as soon as the store takes steps again. On the thread that calls arrived().
  void look_again();

  // Hands nothing over any more.
  void stop();

 private:
  // Mail that was handed over.
  struct given_mail {
    mail_position position;
    std::string command_id;
    std::size_t bytes;
  };
  // An entity with mail. There is one as long as it has any.
  struct box {
    mail_position last_given{};
    bool has_more = false;  // the store may hold some behind it
    bool is_reading = false;
    bool is_queued = false;  // in ready_

    std::size_t out_count = 0;  // handed over and not yet replied
    std::size_t out_bytes = 0;
    std::uint64_t round = 0;

    // Something of this round was not handled: it ends when all that is out has been replied, and
    // after a pause the next begins with the first that is left.
    bool has_failed = false;
    bool is_pausing = false;
    std::size_t failures = 0;         // rounds in a row
    std::vector<given_mail> unknown;  // not handled, as far as was replied; the store knows better
  };
  using boxes = std::unordered_map<entity_key, box>;

  // Outside the lock.
  void replied(const entity_key& entity, const given_mail& what, const outcome& ended);
  void handled(const entity_key& entity, const given_mail& what, const outcome& ended);
  void take_out(const entity_key& entity, const given_mail& what, const outcome& ended);
  void settle_stored(const std::string& command_id);
  void page_read(const entity_key& entity, result<std::vector<persistence::stored_mail>> page);

  void retry(const entity_key& entity);
  void probe();

  // All of these under the lock.
  box& box_of(const entity_key& entity);
  void finished(const entity_key& entity, const given_mail& what, bool was_handled);
  void go_on(const entity_key& entity, box& b);
  void read_or_queue(const entity_key& entity, box& b);
  void serve_queue();
  void give(const entity_key& entity, box& b, const persistence::new_mail& mail);
  std::vector<std::string> ids_of_gone(box& b, const std::vector<persistence::stored_mail>& page);
  bool has_room() const;

  const std::shared_ptr<const environment> env_;
  const std::shared_ptr<const entity_directory> directory_;
  const std::shared_ptr<command_waiters> waiters_;
  const surroundings around_;

  std::mutex mutex_;
  boxes boxes_;
  std::deque<entity_key> ready_;  // have mail to be read, and no room for it yet
  std::size_t out_bytes_ = 0;
  std::size_t reads_ = 0;  // under way
  std::uint64_t rounds_ = 0;
  // A step has failed that may show after all, with mail that stands before what arrives now: until
  // the store takes steps again, nothing goes on from memory.
  bool is_unsure_ = false;
  bool stopped_ = false;
};

}  // namespace perdure::actors
