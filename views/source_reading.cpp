// A view's source is read. Before: projector.cpp. Next: projector_batch.cpp.

#include "views/source_reading.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.hpp"
#include "pubsub/log_errors.hpp"

namespace perdure::views {
namespace {

constexpr std::chrono::milliseconds backoff_min{100};
constexpr std::chrono::milliseconds backoff_max{10'000};
constexpr std::chrono::milliseconds report_every{1000};

}  // namespace

// ------------------------------------------------------------------------------------------- inbox

bool inbox::add(std::function<void()> what) {
  {
    std::lock_guard lock(mutex_);
    if (is_closed_) return false;
    all_.push_back(std::move(what));
  }
  wake_.notify_one();
  return true;
}

std::deque<std::function<void()>> inbox::take(std::chrono::milliseconds wait_max) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, wait_max, [&] { return !all_.empty() || is_closed_; });
  return std::exchange(all_, {});
}

void inbox::close() {
  {
    std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  wake_.notify_all();
}

// ------------------------------------------------------------------------------------------- scout

source_scout::source_scout(pubsub::topic_log& log, std::string topic,
                           std::chrono::milliseconds look_every, on_found found)
    : log_(log), topic_(std::move(topic)), look_every_(look_every), found_(std::move(found)) {
  thread_ = std::thread([this] { run(); });
}

source_scout::~source_scout() {
  {
    std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::uint64_t source_scout::ask() {
  std::lock_guard lock(mutex_);
  wake_.notify_all();
  return ++asked_;
}

void source_scout::consumed(std::string reader,
                            std::vector<std::pair<std::uint32_t, topic_offset>> up_to) {
  std::lock_guard lock(mutex_);
  report_ = [this, reader = std::move(reader), up_to = std::move(up_to)] {
    for (const auto& [number, next] : up_to) log_.consumed(reader, topic_, number, next);
  };
  wake_.notify_all();
}

void source_scout::run() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    auto ticket = asked_;
    lock.unlock();
    auto there = look();
    auto until = std::chrono::steady_clock::now() + (there.ok() ? look_every_ : look_every_ / 5);
    found_(ticket, std::move(there));
    lock.lock();
    while (!is_stopping_ && asked_ == ticket) {
      if (auto report = std::exchange(report_, {})) {
        lock.unlock();
        report();
        lock.lock();
      } else if (wake_.wait_until(lock, until) == std::cv_status::timeout) {
        break;
      }
    }
  }
}

result<source_scout::bounds> source_scout::look() {
  auto count = log_.partitions(topic_);
  if (!count) return count.error();
  bounds all;
  for (std::uint32_t n = 0; n < *count; ++n) {
    auto there = log_.bounds(topic_, n);
    if (!there) return there.error();
    all.push_back(*there);
  }
  return all;
}

// ---------------------------------------------------------------------------------------- messages

source_message source_message::of(pubsub::topic_record record, std::uint32_t partition) {
  source_message m;
  auto event = pubsub::read_cloud_event(std::move(record));
  m.record = std::move(record);
  if (event.ok()) {
    m.event = *std::move(event);
    m.subject = m.event.subject;
  } else {
    m.unreadable = event.error();
    m.subject = m.record.key.value_or("");
  }
  // Without a subject there is no order to be kept.
  if (m.subject.empty()) {
    m.subject = std::to_string(partition) + "@" + std::to_string(value(m.record.offset));
  }
  return m;
}

pubsub::topic_record source_message::as_written() const {
  return unreadable.ok() ? pubsub::as_written(record, event) : record;
}

// -------------------------------------------------------------------------------------- partitions

topic_offset source_reading::partition::next() const {
  if (done == ahead.size()) return read;
  return done == 0 ? stored : ahead[done - 1].record.offset + 1;
}

source_reading::source_reading(surroundings around, std::map<std::uint32_t, topic_offset> cursors,
                               bool from_end)
    : around_(std::move(around)), cursors_(std::move(cursors)), from_end_(from_end) {
  scout_ = std::make_unique<source_scout>(
      around_.log, around_.topic, around_.look_every,
      [this, box = around_.box](std::uint64_t ticket, result<source_scout::bounds> there) {
        box->add([this, ticket, there = std::move(there)]() mutable {
          found(ticket, std::move(there));
        });
      });
}

source_reading::~source_reading() {
  scout_.reset();
  around_.log.stop(around_.reader);
}

void source_reading::found(std::uint64_t ticket, result<source_scout::bounds> there) {
  if (!there) {
    bool is_missing = there.error().code() == status_code::not_found;
    if (is_missing && partitions_.empty()) {
      is_topic_new_ = true;
      answered_ = ticket;
    }
    auto text = around_.description + " cannot be read: " + to_string(there.error());
    if (std::exchange(problem_, text) != text) log_warning(text + "; trying again");
    return;
  }
  problem_.clear();
  add_partitions(*there);
  for (auto& p : partitions_) {
    if (p->number >= there->size()) continue;
    p->end = std::max(p->is_lost ? topic_offset{} : p->end, (*there)[p->number].end);
    if (p->is_lost) place(*p, (*there)[p->number]);
  }
  answered_ = ticket;
}

void source_reading::add_partitions(const source_scout::bounds& there) {
  bool begins_at_end = from_end_ && cursors_.empty() && partitions_.empty() && !is_topic_new_;
  for (auto number = partitions_.size(); number < there.size(); ++number) {
    auto p = std::make_unique<partition>();
    p->number = static_cast<std::uint32_t>(number);
    auto cursor = cursors_.find(p->number);
    if (cursor != cursors_.end()) {
      p->stored = cursor->second;
    } else {
      p->stored = begins_at_end ? there[number].end : there[number].first;
      p->must_store = begins_at_end;  // at once, so that a restart does not move it
    }
    p->read = p->stored;
    p->end = there[number].end;
    partitions_.push_back(std::move(p));
  }
}

// Where it is to read was not there.
void source_reading::place(partition& p, const pubsub::partition_bounds& there) {
  auto what = around_.description + ": " + pubsub::place_in(around_.topic, p.number);
  if (p.read > there.end) {
    return failed(
        p, {status_code::out_of_range, "it ends at offset " + std::to_string(value(there.end)) +
                                           ", but was read up to " + std::to_string(value(p.read)) +
                                           ": it is another one than it was; rebuild the view"});
  }
  p.is_lost = false;
  if (p.read >= there.first) {
    return failed(p, {status_code::unavailable, "its bounds are not known for sure"});
  }
  log_warning(what + " begins at offset " + std::to_string(value(there.first)) +
              " now: " + std::to_string(value(there.first) - value(p.read)) +
              " offsets were dropped there before they were read; rows lack what they said");
  p.read = there.first;
  p.is_reading = false;
  p.problem.clear();
}

// ------------------------------------------------------------------------------------------- pages

void source_reading::read_on() {
  auto now = around_.clock.now();
  for (auto& p : partitions_) {
    if (p->is_reading || p->ahead.size() > p->last_page || p->read_again > now) continue;
    if (p->is_lost) {
      p->is_reading = true;
      scout_->ask();
      continue;
    }
    p->is_reading = true;
    // What can be done where it was read is not left to the projector's thread, which all wait for.
    around_.log.read(around_.reader, around_.topic, p->number, p->read, around_.page_bytes,
                     [this, to = p.get(), number = p->number,
                      box = around_.box](result<pubsub::topic_page> page) {
                       box->add([this, to, read = messages_of(std::move(page), number)]() mutable {
                         page_came(*to, std::move(read));
                       });
                     });
  }
}

timestamp source_reading::next_time() const {
  auto next = timestamp::max();
  for (const auto& p : partitions_) {
    if (!p->is_reading && p->read_again > timestamp{}) next = std::min(next, p->read_again);
  }
  return next;
}

result<source_reading::read_page> source_reading::messages_of(result<pubsub::topic_page> page,
                                                              std::uint32_t partition) {
  if (!page) return page.error();
  read_page read;
  read.next = page->next;
  read.messages.reserve(page->records.size());
  for (auto& record : page->records) {
    read.messages.push_back(source_message::of(std::move(record), partition));
  }
  return read;
}

void source_reading::page_came(partition& p, result<read_page> page) {
  p.is_reading = false;
  if (!page) {
    if (page.error().code() == status_code::out_of_range) {
      p.is_lost = p.is_reading = true;
      scout_->ask();
      return;
    }
    return failed(p, page.error());
  }
  p.problem.clear();
  p.backoff = {};
  p.read_again = {};
  p.read = page->next;
  p.end = std::max(p.end, p.read);
  p.last_page = page->messages.size();
  std::ranges::move(page->messages, std::back_inserter(p.ahead));
}

void source_reading::failed(partition& p, const status& why) {
  auto text = around_.description + ": " + pubsub::place_in(around_.topic, p.number) +
              " cannot be read from offset " + std::to_string(value(p.read)) + ": " +
              to_string(why);
  if (std::exchange(p.problem, text) != text) {
    log_warning(text + "; trying again, others go on");
  }
  p.is_reading = false;
  p.backoff = std::clamp(p.backoff * 2, backoff_min, backoff_max);
  p.read_again = around_.clock.now() + p.backoff;
}

// ----------------------------------------------------------------------------------------- commits

void source_reading::committed() {
  for (auto& p : partitions_) {
    p->stored = p->next();
    p->must_store = false;
    for (; p->done > 0; --p->done) p->ahead.pop_front();
  }
  if (around_.clock.now() < report_at_) return;
  report_at_ = around_.clock.now() + report_every;
  std::vector<std::pair<std::uint32_t, topic_offset>> up_to;
  for (const auto& p : partitions_) up_to.emplace_back(p->number, p->stored);
  scout_->consumed(around_.reader, std::move(up_to));
}

void source_reading::rolled_back() {
  for (auto& p : partitions_) p->done = 0;
}

std::string source_reading::problem() const {
  auto text = problem_;
  for (const auto& p : partitions_) {
    if (!p->problem.empty()) text += (text.empty() ? "" : "; ") + p->problem;
  }
  return text;
}

}  // namespace perdure::views
