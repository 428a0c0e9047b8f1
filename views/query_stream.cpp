// Queries of rpcs that stream. Before: views/queries.cpp.

#include "views/query_stream.hpp"

#include <utility>

namespace perdure::views {
namespace {

constexpr std::size_t batch_bytes = 64 << 10;

}  // namespace

query_stream::query_stream(asked_query what, timestamp deadline, const query_limits& bounds,
                           std::shared_ptr<const query_surroundings> around,
                           std::shared_ptr<reply_reader> reader)
    : what_(std::move(what)),
      deadline_(deadline),
      bounds_(bounds),
      around_(std::move(around)),
      reader_(std::move(reader)) {}

// ----------------------------------------------------------------------------------------- reading

bool query_stream::run(run_budget& budget) {
  auto batch = read_batch(budget);
  if (!batch.ok() && budget.was_not_quick()) {
    rows_.reset();
    return false;
  }
  if (batch.ok()) {
    auto fits = check_bounds(*batch);
    if (fits.ok() && !rows_->is_over() && !kept_) {
      auto kept = around_->keep(shared_from_this());
      if (kept.ok()) kept_ = *std::move(kept);
      fits = kept.error();
    }
    if (!fits.ok()) batch = fits;
  }
  bool is_last = !batch.ok() || rows_->is_over();
  if (is_last) {
    rows_.reset();
    kept_.reset();
  }
  std::unique_lock lock(mutex_);
  reading_ = false;
  if (is_over_) {  // cancelled meanwhile
    rows_.reset();
    kept_.reset();
    return true;
  }
  if (!batch.ok()) {
    auto why = budget.why_not();
    end_with(why ? *std::move(why) : around_->told(batch.error()), lock);
    return true;
  }
  for (auto& message : *batch) waiting_.push_back(std::move(message));
  if (is_last) end_ = status();
  send(lock);
  return true;
}

result<std::vector<std::string>> query_stream::read_batch(run_budget& budget) {
  if (!rows_) {
    auto lent = around_->lend();
    if (!lent.ok()) return lent.error();
    rows_.emplace(what_, *std::move(lent));
  }
  budget.watch(rows_->connection());
  auto batch = rows_->read(batch_bytes);
  rows_->connection().go_on(0, {});
  return batch;
}

status query_stream::check_bounds(const std::vector<std::string>& batch) {
  row_count_ += batch.size();
  for (const auto& message : batch) {
    bytes_ += message.size();
    if (message.size() > bounds_.message_bytes_max) {
      return {status_code::resource_exhausted, "a row has more than " +
                                                   std::to_string(bounds_.message_bytes_max) +
                                                   " bytes as a message; select less of it"};
    }
  }
  if (row_count_ > bounds_.rows_max) {
    return {status_code::resource_exhausted, "the answer has more than " +
                                                 std::to_string(bounds_.rows_max) +
                                                 " rows; ask for fewer, as by LIMIT"};
  }
  if (bytes_ > bounds_.bytes_max) {
    return {status_code::resource_exhausted, "the answer has more than " +
                                                 std::to_string(bounds_.bytes_max) +
                                                 " bytes; ask for fewer rows, as by LIMIT"};
  }
  return {};
}

// ----------------------------------------------------------------------------------------- sending

void query_stream::next() {
  std::unique_lock lock(mutex_);
  wanted_ = true;
  send(lock);
}

// A loop, since a reader may ask for the next while it is given one.
void query_stream::send(std::unique_lock<std::mutex>& lock) {
  if (std::exchange(sending_, true)) return;
  while (!is_over_) {
    if (!waiting_.empty()) {
      if (!std::exchange(wanted_, false)) break;
      auto message = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      reader_->reply(std::move(message));
      lock.lock();
    } else if (end_) {
      sending_ = false;
      return end_with(*std::exchange(end_, std::nullopt), lock);
    } else {
      if (!wanted_ || std::exchange(reading_, true)) break;
      lock.unlock();
      around_->more(shared_from_this());
      lock.lock();
    }
  }
  sending_ = false;
}

void query_stream::end_with(status why, std::unique_lock<std::mutex>& lock) {
  is_over_ = true;
  waiting_.clear();
  lock.unlock();
  around_->ended(why);
  reader_->end(std::move(why));
  lock.lock();
}

void query_stream::refuse(status why) {
  rows_.reset();
  kept_.reset();
  std::unique_lock lock(mutex_);
  reading_ = false;
  if (!is_over_) end_with(std::move(why), lock);
}

void query_stream::cancel() {
  cancelled_ = true;
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(is_over_, true)) return;
    waiting_.clear();
    if (!reading_) {
      rows_.reset();
      kept_.reset();
    }
  }
  around_->ended({status_code::cancelled, "the caller is gone"});
}

void query_stream::end_idle(const status& why) {
  std::unique_lock lock(mutex_);
  if (is_over_ || reading_) return;
  rows_.reset();
  kept_.reset();
  waiting_.clear();
  end_ = why;
  send(lock);
}

bool query_stream::is_over() const {
  std::lock_guard lock(mutex_);
  return is_over_;
}

}  // namespace perdure::views
