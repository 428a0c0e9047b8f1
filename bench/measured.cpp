// What loads count, drawn together: the median is what stands in the table.

#include "bench/measured.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace perdure::bench {

double median(std::vector<double> values) {
  PERDURE_CHECK(!values.empty());
  std::ranges::sort(values);
  auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double measured::rate() const { return median(rates); }

}  // namespace perdure::bench
