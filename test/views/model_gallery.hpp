#pragma once

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "gallery.pb.h"
#include "model.pb.h"

// Random rows, and random conditions that are SQL and C++ at once: for tests that hold views beside
// a plain evaluation in memory.

namespace perdure::test {

using gallery_rows = std::map<std::string, gallery::Painting>;  // by key

// NULL is nullopt, and logic has three values, as in SQL.
using truth = std::optional<bool>;

struct condition {
  std::string sql;
  std::function<truth(const gallery::Painting&)> holds;
};

class gallery_dice {
 public:
  explicit gallery_dice(unsigned seed) : dice_(seed) {}

  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(dice_); }
  bool once_in(int n) { return below(n) == 0; }
  std::string word();

  gallery::Painting painting();
  gallery::Ask ask();

  // Over the columns of Painting and the fields of Ask; `depth` of AND, OR and NOT at most.
  condition any_condition(const gallery::Ask& ask, int depth);

 private:
  condition leaf(const gallery::Ask& ask);

  std::mt19937 dice_;
};

}  // namespace perdure::test
