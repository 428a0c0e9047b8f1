// What a client of a live query is told, in which order. Before: views/live_group.cpp.

#include "views/live_stream.hpp"

#include <functional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "views/encoded_fields.hpp"

namespace perdure::views {
namespace {

std::size_t hash_of(std::string_view encoded) { return std::hash<std::string_view>()(encoded); }

}  // namespace

const google::protobuf::FieldDescriptor* change_field_of(
    const google::protobuf::Descriptor& response) {
  for (int i = 0; i < response.field_count(); ++i) {
    const auto* field = response.field(i);
    if (!field->is_repeated() && field->message_type() != nullptr &&
        field->message_type()->full_name() == v1::RowChange::descriptor()->full_name()) {
      return field;
    }
  }
  return nullptr;
}

live_stream::live_stream(std::shared_ptr<reply_reader> reader,
                         const google::protobuf::FieldDescriptor* change)
    : reader_(std::move(reader)), change_(change) {}

void live_stream::all(const std::vector<live_row>& rows, std::string token, bool anew) {
  std::unique_lock lock(mutex_);
  if (over_) return;
  if (anew || !has_begun_) {
    reset_first_ = anew;
    results_.clear();
    for (const auto& row : rows) results_.push_back({row, true});
    ready_next_ = true;
    ready_last_ = false;
    results_token_ = token;
    changes_.clear();
    by_key_.clear();
    told_.clear();
    has_begun_ = true;
  } else {
    std::unordered_set<std::string_view> there;
    for (const auto& row : rows) there.insert(row.key);
    for (const auto& [key, hash] : told_) {
      if (!there.contains(key)) await({key, nullptr});
    }
    for (const auto& result : results_) {
      if (!there.contains(result.row.key)) await({result.row.key, nullptr});
    }
    for (auto& change : changes_) {
      if (!there.contains(change.key)) change.encoded = nullptr;
    }
    for (const auto& row : rows) await(row);
  }
  next_token_ = std::move(token);
  send(lock);
}

void live_stream::some(const std::vector<live_row>& rows, std::string token) {
  std::unique_lock lock(mutex_);
  if (over_) return;
  for (const auto& row : rows) await(row);
  next_token_ = std::move(token);
  send(lock);
}

// Whether the client has the rows that have changed is not known: it is told of each.
void live_stream::resume(const std::vector<live_row>& rows, const std::vector<std::string>& changed,
                         std::string token) {
  std::unique_lock lock(mutex_);
  if (over_) return;
  has_begun_ = true;
  for (const auto& row : rows) told_[row.key] = hash_of(*row.encoded);
  std::unordered_set<std::string_view> altered(changed.begin(), changed.end());
  for (const auto& row : rows) {
    if (altered.erase(row.key) == 0) continue;
    ++told_[row.key];
    await(row);
  }
  for (auto key : altered) {
    told_[std::string(key)] = 0;
    await({std::string(key), nullptr});
  }
  ready_last_ = true;
  next_token_ = std::move(token);
  send(lock);
}

void live_stream::end(status why) {
  std::unique_lock lock(mutex_);
  if (over_ || end_) return;
  end_ = std::move(why);
  send(lock);
}

bool live_stream::is_over() const {
  std::lock_guard lock(mutex_);
  return over_ || end_;
}

void live_stream::next() {
  std::unique_lock lock(mutex_);
  wanted_ = true;
  send(lock);
}

void live_stream::cancel() {
  std::lock_guard lock(mutex_);
  over_ = true;
  results_.clear();
  changes_.clear();
  by_key_.clear();
  told_.clear();
}

// A row that waits already is told as it is now, in its old place.
void live_stream::await(live_row row) {
  auto found = by_key_.find(row.key);
  if (found != by_key_.end()) {
    found->second->encoded = std::move(row.encoded);
    return;
  }
  changes_.push_back(std::move(row));
  by_key_.emplace(changes_.back().key, std::prev(changes_.end()));
}

// The reader may ask for the next from inside reply(), or another thread meanwhile: whoever sends
// goes on, nobody sends beside it.
void live_stream::send(std::unique_lock<std::mutex>& lock) {
  if (sending_) return;
  sending_ = true;
  while (wanted_ && !over_) {
    auto next = take_next();
    if (!next) break;
    wanted_ = false;
    lock.unlock();
    reader_->reply(*std::move(next));
    lock.lock();
  }
  sending_ = false;
  if (over_ || !end_ || !wanted_) return;
  over_ = true;
  auto why = *end_;
  lock.unlock();
  reader_->end(std::move(why));
  lock.lock();
}

// nullopt: there is nothing to tell now.
std::optional<std::string> live_stream::take_next() {
  if (std::exchange(reset_first_, false)) {
    if (auto reset = message(kind::RESET, {})) return reset;
  }
  while (!results_.empty()) {
    auto result = std::move(results_.front());
    results_.pop_front();
    told_[result.row.key] = hash_of(*result.row.encoded);
    if (auto made = message(kind::RESULT, result.row)) return made;
  }
  if (std::exchange(ready_next_, false)) {
    token_ = changes_.empty() ? next_token_ : results_token_;
    if (auto ready = message(kind::READY, {})) return ready;
  }
  while (!changes_.empty()) {
    auto row = std::move(changes_.front());
    by_key_.erase(row.key);
    changes_.pop_front();
    if (changes_.empty()) token_ = next_token_;
    if (auto made = told(row)) return made;
  }
  token_ = next_token_;
  return std::exchange(ready_last_, false) ? message(kind::READY, {}) : std::nullopt;
}

// What a row that has been looked at is to the client; nothing when it knows that.
std::optional<std::string> live_stream::told(const live_row& row) {
  auto known = told_.find(row.key);
  if (!row.encoded) {
    if (known == told_.end()) return std::nullopt;
    told_.erase(known);
    return message(kind::REMOVED, row);
  }
  auto hash = hash_of(*row.encoded);
  if (known == told_.end()) {
    told_.emplace(row.key, hash);
    return message(kind::INSERTED, row);
  }
  if (std::exchange(known->second, hash) == hash) return std::nullopt;
  return message(kind::CHANGED, row);
}

// Nothing where the response cannot say it.
std::optional<std::string> live_stream::message(kind::Kind what, const live_row& row) const {
  if (change_ == nullptr) return row.encoded ? std::optional(*row.encoded) : std::nullopt;
  kind change;
  change.set_kind(what);
  change.set_key(row.key);
  if (what != kind::RESULT && what != kind::RESET) change.set_resume_token(token_);
  auto made = row.encoded ? *row.encoded : std::string();
  append_field(change_->number(), change.SerializeAsString(), made);
  return made;
}

}  // namespace perdure::views
