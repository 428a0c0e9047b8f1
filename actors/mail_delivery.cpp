// From the durable mailboxes to the entities. Before: persistence/group_commit.cpp, which stored
// the mail. Next: actors/entity_router.cpp, as for any command.

#include "actors/mail_delivery.hpp"

#include <algorithm>
#include <utility>

#include "actors/told_positions.hpp"
#include "base/check.hpp"
#include "base/log.hpp"

namespace perdure::actors {
namespace {

// What of one entity's mail is out at a time: enough for its steps to share a sync, and for the
// next page to be read meanwhile.
constexpr std::size_t out_count_max = 256;
constexpr std::size_t out_bytes_max = 1 << 20;
constexpr std::size_t page_bytes = 256 << 10;

// Mailboxes that are read at the same time.
constexpr std::size_t reads_max = 16;

// All that is out may take this part of what may be in flight.
constexpr std::size_t share_of_flight = 4;

constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::milliseconds longest_pause = std::chrono::minutes{1};

std::chrono::milliseconds pause_after(std::size_t failures) {
  auto doubled = first_pause * (1 << std::min<std::size_t>(failures, 10));
  return std::min<std::chrono::milliseconds>(doubled, longest_pause);
}

}  // namespace

mail_delivery::mail_delivery(std::shared_ptr<const environment> env,
                             std::shared_ptr<const entity_directory> directory,
                             std::shared_ptr<command_waiters> waiters, surroundings around)
    : env_(std::move(env)),
      directory_(std::move(directory)),
      waiters_(std::move(waiters)),
      around_(std::move(around)) {}

void mail_delivery::start() {
  auto entities = env_->store.entities_with_mail();
  std::lock_guard lock(mutex_);
  if (stopped_) return;
  for (const auto& entity : entities) {
    auto& b = box_of(entity);
    b.has_more = true;
    go_on(entity, b);
  }
}

void mail_delivery::look_again() {
  std::lock_guard lock(mutex_);
  if (stopped_ || std::exchange(is_unsure_, true)) return;
  around_.later(first_pause, [self = shared_from_this()] { self->probe(); });
}

// A step without content: when it is durable the store has healed, and shows what there is.
void mail_delivery::probe() {
  persistence::step nothing;
  nothing.kind = persistence::step_kind::mail_only;
  nothing.time = env_->step_times.next();
  env_->commits.submit(std::move(nothing), [self = shared_from_this()](const status& done) {
    {
      std::lock_guard lock(self->mutex_);
      self->is_unsure_ = false;
    }
    done.ok() ? self->start() : self->look_again();
  });
}

void mail_delivery::arrived(const persistence::new_mail& mail) {
  std::lock_guard lock(mutex_);
  // Position 0: what another store's outbox holds was taken in before.
  if (stopped_ || mail.position == mail_position{0}) return;
  auto& b = box_of(mail.target);
  if (mail.position <= b.last_given) return;  // a page that was read had it already
  bool is_next = !is_unsure_ && !b.has_more && !b.is_reading && !b.has_failed && !b.is_pausing;
  if (is_next && b.out_count < out_count_max && b.out_bytes < out_bytes_max && has_room()) {
    give(mail.target, b, mail);
  } else {
    b.has_more = true;
  }
  go_on(mail.target, b);
}

mail_delivery::box& mail_delivery::box_of(const entity_key& entity) {
  auto [found, is_new] = boxes_.try_emplace(entity);
  if (is_new) found->second.round = ++rounds_;
  return found->second;
}

// Nothing is out, so what is in the mailbox is what is left, with what has shown meanwhile.
void mail_delivery::retry(const entity_key& entity) {
  std::lock_guard lock(mutex_);
  auto found = boxes_.find(entity);
  if (found == boxes_.end() || stopped_) return;
  auto& b = found->second;
  b.is_pausing = b.has_failed = false;
  b.has_more = true;
  b.last_given = {};
  b.round = ++rounds_;
  go_on(entity, b);
}

void mail_delivery::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
}

// ----------------------------------------------------------------------------------- handing over

bool mail_delivery::has_room() const {
  return out_bytes_ < env_->limits.in_flight_bytes_max / share_of_flight;
}

void mail_delivery::go_on(const entity_key& entity, box& b) {
  if (stopped_ || b.is_reading || b.is_pausing) return;
  if (b.has_failed) {
    if (b.out_count > 0) return;
    b.is_pausing = true;
    around_.later(pause_after(b.failures++),
                  [self = shared_from_this(), entity] { self->retry(entity); });
    return;
  }
  if (b.has_more) return read_or_queue(entity, b);
  if (b.out_count == 0) boxes_.erase(entity);
}

// A page is read when what is out has gone down to half of what may be.
void mail_delivery::read_or_queue(const entity_key& entity, box& b) {
  if (b.is_queued || b.out_count > out_count_max / 2 || b.out_bytes > out_bytes_max / 2) return;
  if (reads_ >= reads_max || !has_room()) {
    b.is_queued = true;
    ready_.push_back(entity);
    return;
  }
  ++reads_;
  b.is_reading = true;
  b.has_more = false;  // what arrives from now on may not be on the page
  env_->reads([self = shared_from_this(), entity, after = b.last_given] {
    self->page_read(entity, self->env_->store.read_mail(entity, after, page_bytes));
  });
}

void mail_delivery::page_read(const entity_key& entity,
                              result<std::vector<persistence::stored_mail>> page) {
  std::vector<std::string> gone;
  {
    std::lock_guard lock(mutex_);
    --reads_;
    auto& b = boxes_.at(entity);
    b.is_reading = false;
    if (!page.ok()) {
      log_error("the mail of " + to_string(entity) +
                " cannot be read; trying again: " + to_string(page.error()));
      b.has_failed = true;
    } else {
      gone = ids_of_gone(b, *page);
      if (!page->empty()) b.has_more = true;
      for (const auto& stored : *page) {
        if (stopped_ || b.has_failed) break;
        give(entity, b, stored.mail);
      }
    }
    go_on(entity, b);
    serve_queue();
  }
  for (const auto& id : gone) settle_stored(id);
}

void mail_delivery::give(const entity_key& entity, box& b, const persistence::new_mail& mail) {
  auto read = directory_->read(mail);
  if (!read.ok()) {
    log_error("the mail of " + to_string(entity) +
              " waits, and all behind it: " + to_string(read.error()));
    b.has_failed = true;
    return;
  }
  given_mail what{mail.position, mail.command_id, persistence::bytes_of(mail)};
  b.last_given = mail.position;
  ++b.out_count;
  b.out_bytes += what.bytes;
  out_bytes_ += what.bytes;
  read->mail = mail_slip{mail.position, b.round};
  read->reply = [self = shared_from_this(), entity, what = std::move(what)](const outcome& ended) {
    self->replied(entity, what, ended);
  };
  around_.hand_over(*std::move(read));
}

void mail_delivery::serve_queue() {
  while (!ready_.empty() && reads_ < reads_max && has_room()) {
    auto entity = std::move(ready_.front());
    ready_.pop_front();
    auto found = boxes_.find(entity);
    if (found == boxes_.end()) continue;
    found->second.is_queued = false;
    go_on(entity, found->second);
  }
}

// ---------------------------------------------------------------------------------------- replies

void mail_delivery::replied(const entity_key& entity, const given_mail& what,
                            const outcome& ended) {
  if (ended.left_mailbox) {
    auto type = directory_->find(entity.type);
    bool is_elsewhere = type && env_->is_elsewhere(type->model().kind);
    return is_elsewhere ? take_out(entity, what, ended) : handled(entity, what, ended);
  }
  if (ended.result.code() != status_code::aborted) {
    // That a store is away it has said itself, once.
    auto is_away = ended.result.code() == status_code::unavailable;
    log(is_away ? log_level::debug : log_level::warning,
        "mail of " + to_string(entity) +
            " was not handled; it is tried again: " + to_string(ended.result));
  }
  std::lock_guard lock(mutex_);
  finished(entity, what, false);
}

// On the committer's thread, as is entered who waits: nobody comes too late.
void mail_delivery::handled(const entity_key& entity, const given_mail& what,
                            const outcome& ended) {
  if (!what.command_id.empty() && !ended.was_forwarded) waiters_->settle(what.command_id, ended);
  std::lock_guard lock(mutex_);
  finished(entity, what, true);
}

// The step of an entity of another store could not take its mail out of this one.
void mail_delivery::take_out(const entity_key& entity, const given_mail& what,
                             const outcome& ended) {
  persistence::step s;
  s.entity = entity;
  s.kind = persistence::step_kind::mail_only;
  s.time = env_->step_times.next();
  s.mail = std::make_shared<persistence::mail_effects>();
  s.mail->handled = what.position;
  if (!what.command_id.empty() && !ended.was_forwarded) {
    s.mail->outcome = {what.command_id, ended.result, ended.reply};
  }
  env_->commits.submit(std::move(s),
                       [self = shared_from_this(), entity, what, ended](const status& done) {
                         if (done.ok()) return self->handled(entity, what, ended);
                         std::lock_guard lock(self->mutex_);
                         self->finished(entity, what, false);
                       });
}

void mail_delivery::finished(const entity_key& entity, const given_mail& what, bool was_handled) {
  auto& b = boxes_.at(entity);
  --b.out_count;
  b.out_bytes -= what.bytes;
  out_bytes_ -= what.bytes;
  if (was_handled) {
    b.failures = 0;
  } else {
    b.has_failed = true;
    if (!what.command_id.empty()) b.unknown.push_back(what);
  }
  go_on(entity, b);
  serve_queue();
}

// What was said not to be handled, but has gone from the mailbox all the same: its step was stored,
// though the write seemed to have failed.
std::vector<std::string> mail_delivery::ids_of_gone(
    box& b, const std::vector<persistence::stored_mail>& page) {
  std::vector<std::string> gone;
  std::erase_if(b.unknown, [&](const given_mail& what) {
    if (!page.empty() && what.position > page.back().mail.position) return false;
    bool is_there = std::ranges::any_of(
        page, [&](const auto& stored) { return stored.mail.position == what.position; });
    if (!is_there) gone.push_back(what.command_id);
    return true;
  });
  return gone;
}

void mail_delivery::settle_stored(const std::string& command_id) {
  auto known = env_->store.find_command(command_id, env_->clock.now());
  if (known.ok() && *known && (*known)->done) {
    waiters_->settle(command_id, told_again(*env_, *directory_, std::move(**known)));
  }
}

}  // namespace perdure::actors
