// A new file is complete when all that there was has been read. While it was read more has come: so
// the ends are taken again, until a round is short. Before: projector_retries.cpp.

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
  if (!round_) {
    round_.emplace();
    round_->began = std::chrono::steady_clock::now();
    for (const auto& source : sources_) round_->tickets.push_back(source ? source->ask() : 0);
  }
  if (!round_->ends) {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (sources_[i] && sources_[i]->answered() < round_->tickets[i]) return;
    }
    round_->ends.emplace(sources_.size());
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      if (!sources_[i]) continue;
      for (const auto& p : sources_[i]->partitions()) (*round_->ends)[i].push_back(p->end);
    }
    round_->had_nothing = has_read_all();
  }
  if (!has_read_all()) return;
  bool is_short = std::chrono::steady_clock::now() - round_->began < short_round;
  if (!round_->had_nothing && !is_short) return round_.reset();
  if (around_.clock.now() < storage_again_) return;
  if (auto s = file_->set_complete(); !s.ok()) return storage_failed(s);
  round_.reset();
  log_info(name_ + ": all rows are there");
  if (around_.completed) around_.completed();
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

}  // namespace perdure::views
