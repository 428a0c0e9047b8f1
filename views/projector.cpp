// The thread of a view: what has come, what is due, one transaction after the other; and what
// others ask of it. Next: source_reading.cpp.

#include "views/projector.hpp"

#include <pthread.h>

#include <algorithm>
#include <future>
#include <span>
#include <utility>

#include "base/check.hpp"
#include "base/log.hpp"
#include "views/projector_worker.hpp"

namespace perdure::views {
namespace {

constexpr std::chrono::milliseconds storage_pause{1000};
// At the latest the clocks are looked at again; one may have been moved.
constexpr std::chrono::milliseconds wait_max{1000};

status stopping() { return {status_code::unavailable, "the view stops"}; }

}  // namespace

projector::worker::worker(const view_model& model, const view_plan& plan,
                          std::shared_ptr<sqlite_view_file> file, projector_limits bounds,
                          surroundings around)
    : model_(model),
      plan_(plan),
      file_(std::move(file)),
      bounds_(bounds),
      around_(std::move(around)),
      name_("view " + plan.service->full_name()) {
  status_.is_complete = file_->is_complete();
}

projector::worker::~worker() { stop(); }

void projector::worker::start() {
  {
    std::lock_guard lock(mutex_);
    is_stopped_ = false;
  }
  is_begun_ = true;
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "perdure-view");
    run();
  });
}

void projector::worker::stop() {
  std::lock_guard once(stopping_);
  if (!thread_.joinable()) return;
  PERDURE_CHECK(thread_.get_id() != std::this_thread::get_id());
  is_stopping_ = true;
  box_->add([] {});
  thread_.join();
}

// -------------------------------------------------------------------------------------- the thread

void projector::worker::run() {
  while (!is_stopping_ && !load()) {
    for (auto& what : box_->take(wait_max)) what();
  }
  while (!is_stopping_) {
    for (auto& what : box_->take(time_to_wait())) what();
    turn();
  }
  end();
}

bool projector::worker::load() {
  if (around_.clock.now() < storage_again_) return false;
  auto cursors = file_->cursors();
  auto loaded = cursors.ok() ? load_held() : cursors.error();
  if (!loaded.ok()) {
    storage_failed(loaded);
    publish();
    return false;
  }
  storage_problem_.clear();
  try {
    rows_ = std::make_unique<row_making>(model_, plan_, *file_, bounds_);
  } catch (const std::exception& e) {
    storage_again_ = around_.clock.now() + storage_pause;
    storage_problem_ = std::string("its class cannot be made: ") + e.what();
    publish();
    return false;
  }
  for (std::size_t i = 0; i < plan_.sources.size(); ++i) {
    auto& source = sources_.emplace_back();
    if (i >= around_.logs.size()) continue;
    const auto& [log, topic, may_repeat] = around_.logs[i];
    const auto& from = plan_.sources[i].from;
    std::map<std::uint32_t, topic_offset> places;
    for (const auto& c : *cursors) {
      if (c.source == from.path()) places.emplace(c.partition, c.next);
    }
    source = std::make_unique<source_reading>(
        source_reading::surroundings{*log, topic, around_.reader + "/" + from.path(),
                                     name_ + ": " + from.description(), bounds_.page_bytes,
                                     bounds_.look_every, box_, around_.clock},
        std::move(places), plan_.sources[i].from_end);
  }
  return true;
}

void projector::worker::turn() {
  bool has_done = false;
  read_on();
  // So that what waits for this is told soon, and so that it can be stopped.
  if (has_work()) {
    auto done = run_batch();
    has_done = done.ok();
    if (has_done) {
      storage_problem_.clear();
    } else {
      storage_failed(done);
    }
  }
  read_on();
  publish();
  look_whether_complete();
  tell_waiters();
  if (!has_done && !has_work()) file_->idle();
}

void projector::worker::read_on() {
  if (held_bytes_ >= bounds_.held_bytes_max) return;
  for (const auto& source : sources_) {
    if (source) source->read_on();
  }
}

std::chrono::milliseconds projector::worker::time_to_wait() const {
  if (has_work()) return {};
  auto next = due_.empty() ? timestamp::max() : due_.begin()->first;
  for (const auto& source : sources_) {
    if (source) next = std::min(next, source->next_time());
  }
  {
    std::lock_guard lock(mutex_);
    for (const auto& w : waiters_) next = std::min(next, w.deadline);
  }
  auto now = around_.clock.now();
  next = std::max(next, storage_again_);
  if (next <= now) return std::chrono::milliseconds{1};
  return next - now < wait_max ? next - now : wait_max;
}

void projector::worker::end() {
  box_->close();
  std::vector<waiter> left;
  {
    std::lock_guard lock(mutex_);
    is_stopped_ = true;
    left = std::exchange(waiters_, {});
  }
  // Who asks is told that it stops.
  for (auto& what : box_->take({})) what();
  for (auto& w : left) w.told(stopping());
  if (completion_) completion_->told(stopping());
  completion_.reset();
  sources_.clear();
}

status projector::worker::ask(std::function<status()> what) {
  auto told = std::make_shared<std::promise<status>>();
  auto answer = told->get_future();
  bool is_added = box_->add([this, what = std::move(what), told] {
    bool can = !is_stopping_ && rows_ != nullptr;
    told->set_value(can ? what() : stopping());
  });
  if (!is_added || !is_begun_) return stopping();
  return answer.get();
}

void projector::worker::storage_failed(const status& why) {
  storage_again_ = around_.clock.now() + storage_pause;
  auto text = "its file \"" + file_->path() + "\" cannot be written: " + to_string(why);
  if (why.code() == status_code::data_loss && !std::exchange(is_damaged_, true)) {
    text = "its file \"" + file_->path() + "\" is damaged, so it stands still: " + to_string(why);
    if (around_.damaged) around_.damaged();
  }
  if (std::exchange(storage_problem_, text) != text) log_error(name_ + ": " + text);
}

// ------------------------------------------------------------------------------ what others are
// told

void projector::worker::publish() {
  projector_status now;
  std::vector<std::pair<std::string, std::vector<topic_offset>>> seen;
  auto problem = storage_problem_;
  auto add = [&](const std::string& text) {
    if (!text.empty()) problem += (problem.empty() ? "" : "; ") + text;
  };
  if (held_bytes_ >= bounds_.held_bytes_max) {
    add("messages of " + std::to_string(held_.size()) +
        " subjects are held back, and there is no room for more: retry or skip some");
  }
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (!sources_[i]) continue;
    const auto& from = plan_.sources[i].from;
    auto& places = seen.emplace_back(from.path(), std::vector<topic_offset>{}).second;
    for (const auto& p : sources_[i]->partitions()) {
      auto next = p->seen();
      places.push_back(next);
      now.partitions.push_back({from.description(), p->number, next, std::max(p->end, next)});
      now.lag += value(now.partitions.back().end) - value(next);
    }
    add(sources_[i]->problem());
  }
  for (const auto& [key, queue] : held_)
    ++(queue.retry_at == timestamp::max() ? now.parked : now.retrying);
  now.held = held_messages_;
  now.handled = handled_;
  now.problem = std::move(problem);
  now.is_complete = file_->is_complete();
  std::lock_guard lock(mutex_);
  status_ = std::move(now);
  seen_ = std::move(seen);
}

projector_status projector::worker::status_now() const {
  std::lock_guard lock(mutex_);
  return status_;
}

bool projector::worker::has_seen(const std::vector<log_position>& positions) const {
  auto is_read = [&](const std::string& log) {
    auto sources =
        std::span(plan_.sources).first(std::min(plan_.sources.size(), around_.logs.size()));
    return std::ranges::any_of(sources, [&](const auto& s) { return s.from.path() == log; });
  };
  for (const auto& position : positions) {
    if (!is_read(position.log)) continue;
    if (seen_.empty()) return false;  // nothing has been looked at yet
    for (const auto& [log, places] : seen_) {
      if (log != position.log) continue;
      if (position.partition >= places.size()) return false;
      if (value(places[position.partition]) < position.end) return false;
    }
  }
  return true;
}

void projector::worker::when_seen(const std::vector<log_position>& positions, timestamp deadline,
                                  std::function<void(status)> told) {
  status now;
  {
    std::lock_guard lock(mutex_);
    if (!has_seen(positions)) {
      if (is_stopped_) {
        now = stopping();
      } else {
        waiters_.push_back({positions, deadline, std::move(told)});
      }
    }
  }
  if (told) return told(now);
  box_->add([] {});  // its deadline counts
}

void projector::worker::complete(std::vector<log_position> positions,
                                 std::function<void(status)> told) {
  bool is_added = box_->add([this, positions, told] { completion_.emplace(positions, told); });
  if (!is_added) told(stopping());
}

void projector::worker::tell_waiters() {
  std::vector<std::pair<std::function<void(status)>, status>> tell;
  {
    std::lock_guard lock(mutex_);
    auto now = around_.clock.now();
    std::erase_if(waiters_, [&](waiter& w) {
      bool is_seen = has_seen(w.positions);
      if (!is_seen && w.deadline > now) return false;
      tell.emplace_back(std::move(w.told),
                        is_seen ? status()
                                : status(status_code::deadline_exceeded,
                                         "the view has not seen what it was to wait for"));
      return true;
    });
  }
  for (auto& [told, result] : tell) told(std::move(result));
}

// --------------------------------------------------------------------------------------- projector

projector::projector(const view_model& model, const view_plan& plan,
                     std::shared_ptr<sqlite_view_file> file, projector_limits bounds,
                     surroundings around)
    : worker_(std::make_unique<worker>(model, plan, std::move(file), bounds, std::move(around))) {}

projector::~projector() = default;

void projector::start() { worker_->start(); }
void projector::stop() { worker_->stop(); }
void projector::when_seen(const std::vector<log_position>& positions, timestamp deadline,
                          std::function<void(status)> told) {
  worker_->when_seen(positions, deadline, std::move(told));
}
void projector::complete(std::vector<log_position> positions, std::function<void(status)> told) {
  worker_->complete(std::move(positions), std::move(told));
}
status projector::retry(const std::string& source, const std::string& subject) {
  return worker_->retry(source, subject);
}
void projector::retry_all() { worker_->retry_all(); }
status projector::skip(const std::string& source, const std::string& subject,
                       std::uint64_t number) {
  return worker_->skip(source, subject, number);
}
projector_status projector::status_now() const { return worker_->status_now(); }

}  // namespace perdure::views
