// One view, as others see it. Next: view_keeping.cpp.

#include "views/view_home.hpp"

#include <algorithm>
#include <utility>

#include "views/view_home_parts.hpp"

namespace perdure::views {

result<std::unique_ptr<view_home>> view_home::open(view_model model, surroundings around) {
  auto planned = plan_view(*model.service);
  if (!planned.problems.empty()) {
    return status(status_code::invalid_argument,
                  "view " + model.service->full_name() + planned.problems.front().text);
  }
  return open(std::move(model), std::move(planned.plan), std::move(around));
}

result<std::unique_ptr<view_home>> view_home::open(view_model model, view_plan plan,
                                                   surroundings around) {
  auto p = std::make_unique<parts>(std::move(model), std::move(around));
  std::unique_ptr<view_home> home(new view_home(std::move(plan), std::move(p)));
  home->parts_->plan = &home->plan_;
  if (auto s = home->parts_->open(); !s.ok()) return s;
  return home;
}

view_home::view_home(view_plan plan, std::unique_ptr<parts> opened)
    : plan_(std::move(plan)), parts_(std::move(opened)) {}

view_home::~view_home() { stop(); }

void view_home::start() {
  auto& p = *parts_;
  std::lock_guard lock(p.mutex);
  p.is_started = true;
  for (const auto& one : {p.serving, p.next}) {
    if (one && one->by) one->by->start();
  }
  p.keeper = std::thread([&p] { p.run(); });
}

void view_home::stop() {
  auto& p = *parts_;
  std::vector<std::shared_ptr<projector>> all;
  {
    std::lock_guard lock(p.mutex);
    p.is_stopping = true;
    for (const auto& one : {p.serving, p.next}) {
      if (one && one->by) all.push_back(one->by);
    }
  }
  p.wake.notify_all();
  for (const auto& one : all) one->stop();
  if (p.keeper.joinable()) p.keeper.join();
  std::vector<parts::waiter> left;
  {
    std::lock_guard lock(p.mutex);
    left = std::exchange(p.waiting, {});
  }
  for (auto& w : left) w.told({status_code::unavailable, p.name + " stops"});
}

result<std::shared_ptr<sqlite_view_file>> view_home::serving() const {
  const auto& p = *parts_;
  std::shared_ptr<projector> building;
  {
    std::lock_guard lock(p.mutex);
    if (p.serving) return p.serving->file;
    if (p.next) building = p.next->by;
  }
  auto text = p.name + " is being built";
  if (building) {
    auto now = building->status_now();
    text += ": " + std::to_string(now.handled) + " of " + std::to_string(now.handled + now.lag) +
            " messages";
  }
  return status(status_code::unavailable, text);
}

status view_home::rebuild() {
  auto& p = *parts_;
  std::lock_guard lock(p.mutex);
  if (p.is_stopping) return {status_code::unavailable, p.name + " stops"};
  if (p.next) return {status_code::already_exists, p.name + " is being built already"};
  if (auto s = p.begin_next(); !s.ok()) return s;
  if (p.is_started) p.next->by->start();
  return {};
}

// -------------------------------------------------------------------------------------- seeing

std::shared_ptr<projector> view_home::parts::following() const {
  if (serving && serving->by) return serving->by;
  return next ? next->by : nullptr;
}

void view_home::parts::when_seen(waiter w) {
  std::shared_ptr<projector> by;
  {
    std::lock_guard lock(mutex);
    if (is_taking_over && !is_stopping) return waiting.push_back(std::move(w));
    by = following();
  }
  if (!by) return w.told({status_code::unavailable, name + " has no rows"});
  auto positions = w.positions;
  auto deadline = w.deadline;
  auto told = [this, w = std::move(w), of = by.get()](status s) mutable {
    if (s.code() == status_code::unavailable) {
      std::unique_lock lock(mutex);
      bool is_replaced = is_taking_over || following().get() != of;
      lock.unlock();
      if (is_replaced && !is_stopping_now()) return when_seen(std::move(w));
    }
    if (s.ok() && await_serving(w)) return;
    w.told(std::move(s));
  };
  by->when_seen(positions, deadline, std::move(told));
}

// What was seen by rows that do not serve yet is of no use to who asks: told when they do.
bool view_home::parts::await_serving(waiter& w) {
  std::lock_guard lock(mutex);
  bool serves_what_follows = serving && serving->by;
  if (serves_what_follows || is_stopping) return false;
  waiting.push_back(std::move(w));
  wake.notify_all();
  return true;
}

bool view_home::parts::is_stopping_now() const {
  std::lock_guard lock(mutex);
  return is_stopping;
}

void view_home::parts::tell_late_waiters() {
  std::vector<waiter> late;
  {
    std::lock_guard lock(mutex);
    auto now = around.clock.now();
    auto in_time = std::partition(waiting.begin(), waiting.end(),
                                  [&](const waiter& w) { return w.deadline > now; });
    std::move(in_time, waiting.end(), std::back_inserter(late));
    waiting.erase(in_time, waiting.end());
  }
  for (auto& w : late) {
    w.told({status_code::deadline_exceeded, "the view has not seen what it was to wait for"});
  }
}

void view_home::when_seen(const std::vector<log_position>& positions, timestamp deadline,
                          std::function<void(status)> told) {
  parts_->when_seen({positions, deadline, std::move(told)});
}

// ------------------------------------------------------------------------------------ held back

status view_home::on_each(const std::function<status(projector&)>& what) {
  std::vector<std::shared_ptr<projector>> all;
  {
    std::lock_guard lock(parts_->mutex);
    for (const auto& one : {parts_->serving, parts_->next}) {
      if (one && one->by) all.push_back(one->by);
    }
  }
  status result{status_code::not_found, parts_->name + " has no rows"};
  for (const auto& one : all) {
    if (auto s = what(*one); s.ok() || result.code() == status_code::not_found) result = s;
  }
  return result;
}

status view_home::retry(const std::string& source, const std::string& subject) {
  return on_each([&](projector& one) { return one.retry(source, subject); });
}

void view_home::retry_all() {
  static_cast<void>(on_each([](projector& one) {
    one.retry_all();
    return status();
  }));
}

status view_home::skip(const std::string& source, const std::string& subject,
                       std::uint64_t number) {
  return on_each([&](projector& one) { return one.skip(source, subject, number); });
}

// ---------------------------------------------------------------------------------------- changes

view_home::watch view_home::on_change(std::function<void(const committed_changes&)> look) {
  auto made = std::make_shared<change_watch>();
  made->look = std::move(look);
  std::lock_guard lock(parts_->mutex);
  std::erase_if(parts_->watches, [](const auto& w) { return w.expired(); });
  parts_->watches.push_back(made);
  // Who has it may let go while it is being called: the call's end is waited for.
  return {made.get(), [made](void*) {
            std::lock_guard once(made->mutex);
            made->look = {};
          }};
}

void view_home::parts::changed(const committed_changes& changes) {
  std::vector<std::shared_ptr<change_watch>> all;
  {
    std::lock_guard lock(mutex);
    for (const auto& w : watches) {
      if (auto there = w.lock()) all.push_back(std::move(there));
    }
  }
  for (const auto& w : all) {
    std::lock_guard once(w->mutex);
    if (auto look = w->look) look(changes);
  }
}

// ----------------------------------------------------------------------------------------- status

view_status view_home::status_now() const {
  const auto& p = *parts_;
  view_status now;
  now.service = plan_.service->full_name();
  std::shared_ptr<projector> serving, building;
  {
    std::lock_guard lock(p.mutex);
    now.serves_old_definition = p.serves_old();
    if (p.serving) serving = p.serving->by;
    if (p.next) building = p.next->by;
  }
  if (serving) now.serving = serving->status_now();
  if (building) {
    auto progress = building->status_now();
    auto messages = progress.handled + progress.lag;
    now.next.emplace(view_status::building{std::move(progress), messages});
  }
  return now;
}

}  // namespace perdure::views
