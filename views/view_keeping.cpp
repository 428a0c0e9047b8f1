// The files of a view: which serves at start, what is made beside it, and how one takes the other's
// place. Before: view_home.cpp.

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "views/row_changes.hpp"
#include "views/view_home_parts.hpp"

namespace perdure::views {
namespace {

constexpr std::chrono::seconds report_every{10};
constexpr std::chrono::milliseconds look_every{50};  // whether who waits is late

}  // namespace

// ------------------------------------------------------------------------------------------
// opening

status view_home::parts::open() {
  // Damage may show only when a file is opened; then it is moved aside, and looked again.
  while (true) {
    auto files = tidy_view_folder(around.folder, plan->definition, name);
    if (!files) return files.error();
    newest = files->newest;
    std::optional<generation> opened[2];
    status problem;
    std::pair<std::optional<std::uint64_t>, bool> which[] = {{files->serving, files->is_old},
                                                             {files->building, false}};
    for (int n = 0; n < 2 && problem.ok(); ++n) {
      auto [number, is_old] = which[n];
      if (!number) continue;
      auto made = generation_of(*number, is_old);
      if (made.ok()) {
        opened[n] = *std::move(made);
        continue;
      }
      if (made.error().code() != status_code::data_loss) return made.error();
      problem = made.error();
      move_damaged_aside(view_file_in(around.folder, *number), name, problem);
    }
    if (!problem.ok()) continue;
    serving = std::move(opened[0]);
    next = std::move(opened[1]);
    break;
  }
  if (serves_old()) warn_of_changes(serving->file->path());
  bool must_build = !serving || serves_old();
  return must_build && !next ? begin_next() : status();
}

result<view_home::parts::generation> view_home::parts::generation_of(std::uint64_t number,
                                                                     bool is_old) {
  auto path = view_file_in(around.folder, number);
  auto file =
      is_old ? sqlite_view_file::open_old(path, *plan) : sqlite_view_file::open(path, *plan);
  if (!file) return file.error();
  generation made{number, *std::move(file), nullptr};
  if (is_old) return made;
  const auto* of = made.file.get();
  projector::surroundings there{
      .logs = around.logs,
      .clock = around.clock,
      .reader = "view/" + plan->service->full_name() + "/" + std::to_string(number),
      .committed =
          [this, of](const committed_changes& changes) {
            std::unique_lock lock(mutex);
            bool is_seen = serving && serving->file.get() == of;
            lock.unlock();
            if (is_seen) changed(changes);
          },
      .has_all =
          [this] {
            std::lock_guard lock(mutex);
            has_next_all = true;
            wake.notify_all();
          },
      .damaged =
          [this, of] {
            std::lock_guard lock(mutex);
            damaged = of;
            wake.notify_all();
          }};
  made.by = std::make_shared<projector>(model, *plan, made.file, around.bounds, std::move(there));
  return made;
}

status view_home::parts::begin_next() {
  auto made = generation_of(++newest, false);
  if (!made) return made.error();
  log_info(name + ": its rows are being made, in \"" + made->file->path() + "\"");
  next = *std::move(made);
  has_next_all = false;
  return {};
}

void view_home::parts::warn_of_changes(const std::string& old_file) const {
  auto known = sqlite_view_file::identify(old_file);
  if (!known) return;
  auto breaks = breaking_changes(known->rows, known->descriptors, *plan);
  if (breaks.empty()) return;
  auto text = name + ": its rows are not what they were:";
  for (const auto& line : breaks) text += " " + line + ";";
  text +=
      " they are made anew from the view's sources, and clients that read such fields must know";
  for (const auto& source : plan->sources) {
    if (source.from.from != pubsub::message_source::kind::topic) continue;
    text += "; what " + source.from.description() +
            " said before the first message that it still has is lost";
  }
  log_warning(text);
}

// -------------------------------------------------------------------------------------------
// keeper

void view_home::parts::run() {
  auto report_at = std::chrono::steady_clock::now() + report_every;
  std::unique_lock lock(mutex);
  while (!is_stopping) {
    bool has_waiters = !waiting.empty();
    auto now = std::chrono::steady_clock::now();
    wake.wait_until(lock, has_waiters ? std::min(report_at, now + look_every) : report_at, [&] {
      bool has_first_waiter = !has_waiters && !waiting.empty();
      return is_stopping || has_next_all || damaged != nullptr || has_first_waiter;
    });
    if (is_stopping) return;
    bool has_all = has_next_all;
    bool is_damaged = damaged != nullptr;
    lock.unlock();
    if (has_all) {
      take_over();
    } else if (is_damaged) {
      replace_damaged();
    } else if (std::chrono::steady_clock::now() >= report_at) {
      report_progress();
      report_at += report_every;
    }
    tell_late_waiters();
    lock.lock();
  }
}

// Who has seen something with the old file sees it with the new one, even if the process is killed
// meanwhile: so the old one stops, and only when the new one has seen as much it says that it is
// complete.
void view_home::parts::take_over() {
  std::shared_ptr<projector> old;
  {
    std::lock_guard lock(mutex);
    has_next_all = false;
    if (serving) old = serving->by;
    is_taking_over = old != nullptr;
  }
  std::vector<log_position> positions;
  if (old) {
    old->stop();
    for (const auto& p : old->status_now().partitions) {
      for (const auto& source : plan->sources) {
        if (source.from.description() != p.source) continue;
        positions.push_back({source.from.path(), p.partition, value(p.next)});
      }
    }
  }
  if (!complete_next(positions)) return;
  // What was made is there before anything else goes.
  if (auto s = sync_folder(around.folder); !s.ok()) log_warning(name + ": " + s.message());
  std::optional<generation> gone;
  std::vector<waiter> again;
  {
    std::lock_guard lock(mutex);
    gone = std::exchange(serving, std::exchange(next, std::nullopt));
    is_taking_over = false;
    again = std::exchange(waiting, {});
  }
  log_info(name + ": its new rows serve");
  changed({serving->file->last_change(), {}, true});
  if (gone) gone->file->remove_when_unused();
  gone.reset();
  for (auto& w : again) when_seen(std::move(w));
}

// False: it stops meanwhile, or the new file is damaged.
bool view_home::parts::complete_next(const std::vector<log_position>& positions) {
  {
    std::lock_guard lock(mutex);
    is_next_complete = false;
  }
  next->by->complete(positions, [this](const status& s) {
    std::lock_guard lock(mutex);
    is_next_complete = s.ok();
    wake.notify_all();
  });
  std::unique_lock lock(mutex);
  while (!is_stopping && !is_next_complete && damaged != next->file.get()) {
    wake.wait_for(lock, look_every);
    lock.unlock();
    tell_late_waiters();
    lock.lock();
  }
  if (is_next_complete && !is_stopping) return true;
  is_taking_over = false;
  auto again = std::exchange(waiting, {});
  lock.unlock();
  for (auto& w : again) when_seen(std::move(w));
  return false;
}

void view_home::parts::replace_damaged() {
  std::optional<generation> gone;
  {
    std::lock_guard lock(mutex);
    const auto* of = std::exchange(damaged, nullptr);
    bool is_next = next && next->file.get() == of;
    bool is_serving = serving && serving->file.get() == of;
    // One that serves does so until another takes its place.
    if (!is_next && (!is_serving || next)) return;
    if (is_next) gone = std::exchange(next, std::nullopt);
  }
  if (gone) {
    gone->by->stop();
    auto path = gone->file->path();
    gone.reset();
    move_damaged_aside(path, name, {status_code::data_loss, "damaged while it was written"});
  }
  std::lock_guard lock(mutex);
  if (is_stopping) return;
  if (auto s = begin_next(); !s.ok()) {
    log_error(name + ": its rows cannot be made anew: " + to_string(s));
    return;
  }
  next->by->start();
}

void view_home::parts::report_progress() const {
  std::shared_ptr<projector> building;
  {
    std::lock_guard lock(mutex);
    if (next) building = next->by;
  }
  if (!building) return;
  auto now = building->status_now();
  log_info(name + " is being built: " + std::to_string(now.handled) + " messages read, " +
           std::to_string(now.lag) + " to go" + (now.problem.empty() ? "" : "; " + now.problem));
}

}  // namespace perdure::views
