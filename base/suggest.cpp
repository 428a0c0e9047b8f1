// Spelling suggestions by edit distance: optimal string alignment, the restricted form of
// Damerau's distance.

#include "base/suggest.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace perdure {
namespace {

std::string_view last_part(std::string_view name) {
  return name.substr(name.rfind('.') + 1);  // npos + 1 == 0
}

// More than a third of the letters wrong is another word, not a slip.
bool is_near(std::size_t distance, std::string_view written) {
  return distance <= std::max<std::size_t>(1, written.size() / 3);
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t replace = a[i - 1] == b[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

std::string did_you_mean(std::string_view written, const std::vector<std::string>& known) {
  const std::string* best = nullptr;
  std::size_t best_distance = 0;
  for (const auto& candidate : known) {
    auto whole = edit_distance(lower_case(written), lower_case(candidate));
    auto wanted = last_part(written);
    auto last = edit_distance(lower_case(wanted), lower_case(last_part(candidate)));
    if (!is_near(whole, written) && !is_near(last, wanted)) continue;
    // The same last part in another package is nearer than another word.
    auto distance = std::min(whole, last + 1);
    if (best == nullptr || distance < best_distance) {
      best = &candidate;
      best_distance = distance;
    }
  }
  return best == nullptr ? "" : " (did you mean \"" + *best + "\"?)";
}

}  // namespace perdure
