// Before: views/query_stream.cpp.

#include "views/open_streams.hpp"

#include <utility>

#include "views/query_stream.hpp"

namespace perdure::views {
namespace {

// How late a stream is ended that nobody reads from.
constexpr std::chrono::milliseconds look_every{500};

status overdue() {
  return {status_code::deadline_exceeded,
          "the answer was not read within the deadline; read faster, or ask for less"};
}

}  // namespace

open_streams::open_streams(const perdure::clock& clock, std::size_t open_max)
    : clock_(clock), open_max_(open_max), count_(std::make_shared<std::atomic<std::size_t>>(0)) {}

result<std::shared_ptr<void>> open_streams::keep(const std::shared_ptr<query_stream>& stream) {
  std::shared_ptr<void> kept(count_.get(), [count = count_](void*) { --*count; });
  if (++*count_ > open_max_) {
    return status(status_code::resource_exhausted,
                  "all " + std::to_string(open_max_) +
                      " streams of queries that may be under way are: try again later");
  }
  std::lock_guard lock(mutex_);
  all_.push_back(stream);
  if (!std::exchange(is_looking_, true)) look_later();
  return kept;
}

void open_streams::end_all(const status& why) {
  for (const auto& stream : open_now()) stream->end_idle(why);
}

std::vector<std::shared_ptr<query_stream>> open_streams::open_now() {
  std::vector<std::shared_ptr<query_stream>> open;
  std::lock_guard lock(mutex_);
  std::erase_if(all_, [&](const auto& weak) {
    auto stream = weak.lock();
    if (!stream || stream->is_over()) return true;
    open.push_back(std::move(stream));
    return false;
  });
  return open;
}

void open_streams::look_later() {
  if (!pauses_) pauses_.emplace();
  pauses_->later(look_every, [this] { look(); });
}

void open_streams::look() {
  auto now = clock_.now();
  auto open = open_now();
  for (const auto& stream : open) {
    if (stream->deadline() <= now) stream->end_idle(overdue());
  }
  std::lock_guard lock(mutex_);
  is_looking_ = !all_.empty();
  if (is_looking_) look_later();
}

}  // namespace perdure::views
