#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

// Rows of a table that were read or written of late, as the only one who writes them sees them.

namespace perdure::views {

// Bounded: two generations; when the young one is full it becomes the old one, and the old one is
// forgotten. Of one thread.
class recent_rows {
 public:
  struct row {
    std::string encoded;
    // Values of the columns that indexes and full text search keep, packed; nullopt: not known.
    std::optional<std::string> kept;
  };

  explicit recent_rows(std::size_t bytes_max) : generation_bytes_max_(bytes_max / 2) {}

  // Null: not known here. Until the next call. What was found last is found again at once.
  const row* find(std::string_view key);
  void put(std::string_view key, row now);
  void forget(std::string_view key);
  void forget_all();

 private:
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };
  using generation = std::unordered_map<std::string, row, hash, std::equal_to<>>;

  static std::size_t bytes_of(std::string_view key, const row& of);
  generation::value_type* place_of(std::string_view key);

  std::size_t generation_bytes_max_;
  generation young_, old_;
  std::size_t young_bytes_ = 0;
  generation::value_type* last_ = nullptr;  // found, in the young one
};

}  // namespace perdure::views
