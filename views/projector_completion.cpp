// A new file is complete when all that there was has been read. While it was read more has come: so
// the ends are taken again, until a round is short. Whether it then says so decides who made it.
// Before: projector_retries.cpp.

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "views/projector_worker.hpp"

namespace perdure::views {
namespace {

constexpr std::chrono::milliseconds short_round{1000};

}  // namespace

void projector::worker::look_whether_complete() {
  if (file_->is_complete() || is_damaged_) return;
  if (around_.clock.now() < storage_again_) return;
  if (has_all_) return set_complete();
  if (!looks_at_ends() || !has_read_all()) return;
  // More comes while they are made, so they count in the round.
  if (auto s = file_->make_indexes(); !s.ok()) return storage_failed(s);
  bool is_short = std::chrono::steady_clock::now() - round_->began < short_round;
  if (!round_->had_nothing && !is_short) return round_.reset();
  round_.reset();
  has_all_ = true;
  if (around_.has_all) around_.has_all();
}

// Whether a round is under way and knows its ends.
bool projector::worker::looks_at_ends() {
  if (!round_) {
    round_.emplace();
    round_->began = std::chrono::steady_clock::now();
    for (const auto& source : sources_) round_->tickets.push_back(source ? source->ask() : 0);
  }
  if (round_->ends) return true;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (sources_[i] && sources_[i]->answered() < round_->tickets[i]) return false;
  }
  round_->ends.emplace(sources_.size());
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (!sources_[i]) continue;
    for (const auto& p : sources_[i]->partitions()) (*round_->ends)[i].push_back(p->end);
  }
  round_->had_nothing = has_read_all();
  return true;
}

bool projector::worker::has_read_all() const {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (!sources_[i]) continue;
    const auto& ends = (*round_->ends)[i];
    for (const auto& p : sources_[i]->partitions()) {
      if (p->number < ends.size() && p->seen() < ends[p->number]) return false;
    }
  }
  return true;
}

// Whoever was told of rows by others that serve is told of them by these, after a restart too: so
// the file says that it is complete no sooner.
void projector::worker::set_complete() {
  if (!completion_) return;
  {
    std::lock_guard lock(mutex_);
    if (!has_seen(completion_->positions)) return;
  }
  auto done = file_->set_complete();
  if (done.ok()) {
    storage_problem_.clear();
  } else {
    storage_failed(done);
  }
  publish();
  if (!done.ok()) return;
  log_info(name_ + ": all rows are there");
  std::exchange(completion_, std::nullopt)->told({});
}

}  // namespace perdure::views
