// Messages into transactions: what has come of all sources, and what is due of what was held back.
// Before: source_reading.cpp. Next: projector_retries.cpp.

#include <algorithm>
#include <utility>

#include "views/projector_worker.hpp"

namespace perdure::views {
namespace {

// A cursor that only passes over what is not for us is written now and then.
constexpr std::uint64_t passed_over_max = 4096;

bool must_move(const source_reading::partition& p) {
  return p.must_store || p.done > 0 ||
         (p.ahead.empty() && value(p.read) - value(p.stored) >= passed_over_max);
}

}  // namespace

bool projector::worker::has_work() const {
  auto now = around_.clock.now();
  if (now < storage_again_ || is_damaged_) return false;
  if (!due_.empty() && due_.begin()->first <= now) return true;
  bool has_room = held_bytes_ < bounds_.held_bytes_max;
  return std::ranges::any_of(sources_, [&](const auto& source) {
    return source && std::ranges::any_of(source->partitions(), [&](const auto& p) {
             return (has_room && !p->ahead.empty()) || must_move(*p);
           });
  });
}

// Not ok: nothing of it has happened.
status projector::worker::run_batch() {
  in_batch_ = 0;
  auto done = file_->begin();
  if (done.ok()) done = retry_due();
  if (done.ok()) done = read_pages();
  if (done.ok()) done = move_cursors();
  if (done.ok()) {
    auto changes = file_->commit();
    if (!changes.ok()) {
      done = changes.error();
    } else {
      handled_ += in_batch_;
      for (const auto& source : sources_) {
        if (source) source->committed();
      }
      if (around_.committed) around_.committed(*changes);
      return {};
    }
  }
  file_->roll_back();
  for (const auto& source : sources_) {
    if (source) source->rolled_back();
  }
  // What is held back stands in the file as it was before.
  auto loaded = load_held();
  return loaded.ok() ? done : loaded;
}

status projector::worker::read_pages() {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (!sources_[i]) continue;
    for (auto& p : sources_[i]->partitions()) {
      while (p->done < p->ahead.size()) {
        if (in_batch_ >= bounds_.batch_messages_max || is_stopping_) return {};
        if (held_bytes_ >= bounds_.held_bytes_max) return {};
        if (auto s = take_in(i, p->number, p->ahead[p->done]); !s.ok()) return s;
        ++p->done;
        ++in_batch_;
      }
    }
  }
  return {};
}

made_rows projector::worker::make(std::size_t source, const source_message& what) {
  if (!what.unreadable.ok()) return {what.unreadable, true};
  return rows_->make(plan_.sources[source], what.event);
}

status projector::worker::take_in(std::size_t source, std::uint32_t partition,
                                  const source_message& what) {
  if (around_.logs[source].may_repeat && what.unreadable.ok()) {
    if (auto subject = pubsub::subject_of(what.event); !subject.empty()) {
      auto is_new = file_->see(plan_.sources[source].from.path(), subject, *what.event.sequence);
      if (!is_new) return is_new.error();
      if (!*is_new) return {};
    }
  }
  if (!held_.empty()) {
    held_key key{source, what.subject};
    if (held_.contains(key)) return hold(std::move(key), partition, what, nullptr);
  }
  auto made = make(source, what);
  if (!rows_->unread().ok()) return rows_->unread();
  if (!made.result.ok()) return hold({source, what.subject}, partition, what, &made);
  return apply(made);
}

status projector::worker::apply(const made_rows& made) {
  for (const auto& update : made.updates) {
    auto s = update.row ? file_->put(update.table, update.key, *update.row)
                        : file_->remove(update.table, update.key);
    if (!s.ok()) return s;
  }
  return {};
}

status projector::worker::move_cursors() {
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    if (!sources_[i]) continue;
    for (const auto& p : sources_[i]->partitions()) {
      if (p->next() == p->stored && !p->must_store) continue;
      auto s = file_->move_cursor(plan_.sources[i].from.path(), p->number, p->next());
      if (!s.ok()) return s;
    }
  }
  return {};
}

}  // namespace perdure::views
