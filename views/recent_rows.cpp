#include "views/recent_rows.hpp"

namespace perdure::views {

std::size_t recent_rows::bytes_of(std::string_view key, const row& of) {
  constexpr std::size_t entry_bytes = 128;
  return entry_bytes + key.size() + of.encoded.size() + (of.kept ? of.kept->size() : 0);
}

// In the young generation.
recent_rows::generation::value_type* recent_rows::place_of(std::string_view key) {
  if (last_ && last_->first == key) return last_;
  auto there = young_.find(key);
  return last_ = there == young_.end() ? nullptr : &*there;
}

const recent_rows::row* recent_rows::find(std::string_view key) {
  if (auto* there = place_of(key)) return &there->second;
  auto there = old_.find(key);
  if (there == old_.end()) return nullptr;
  put(key, std::move(there->second));
  return &last_->second;
}

void recent_rows::put(std::string_view key, row now) {
  if (young_bytes_ > generation_bytes_max_) {
    old_ = std::exchange(young_, {});
    young_bytes_ = 0;
    last_ = nullptr;
  }
  young_bytes_ += bytes_of(key, now);
  if (auto* there = place_of(key)) {
    young_bytes_ -= bytes_of(key, there->second);
    there->second = std::move(now);
  } else {
    last_ = &*young_.emplace(key, std::move(now)).first;
  }
}

void recent_rows::forget(std::string_view key) {
  last_ = nullptr;
  if (auto there = young_.find(key); there != young_.end()) {
    young_bytes_ -= bytes_of(key, there->second);
    young_.erase(there);
  }
  if (auto there = old_.find(key); there != old_.end()) old_.erase(there);
}

void recent_rows::forget_all() {
  young_.clear();
  old_.clear();
  last_ = nullptr;
  young_bytes_ = 0;
}

}  // namespace perdure::views
