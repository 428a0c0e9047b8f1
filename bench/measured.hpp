#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

// What a load counts: answers, in how much time, and how long each took.

namespace perdure::bench {

// How often each latency was seen: 64 buckets to every power of two of nanoseconds, so a quantile
// is right to 2 %. record() from any thread; the rest while nothing records.
class latencies {
 public:
  void record(std::chrono::nanoseconds spent) {
    auto n = static_cast<std::uint64_t>(spent.count() < 0 ? 0 : spent.count());
    counts_[bucket_of(n)].fetch_add(1, std::memory_order_relaxed);
  }

  // Half of them took at most quantile(0.5); 0 when there are none.
  std::chrono::nanoseconds quantile(double share) const {
    std::uint64_t all = 0;
    for (const auto& count : counts_) all += count;
    auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(all));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > wanted) return middle_of(i);
    }
    return {};
  }

 private:
  static constexpr unsigned detail_bits = 6;
  static constexpr std::uint64_t detail = 1 << detail_bits;

  static std::size_t bucket_of(std::uint64_t n) {
    if (n < 2 * detail) return n;
    auto shift = static_cast<unsigned>(std::bit_width(n)) - detail_bits - 1;
    return (shift + 1) * detail + ((n >> shift) - detail);
  }

  static std::chrono::nanoseconds middle_of(std::size_t bucket) {
    if (bucket < 2 * detail) return std::chrono::nanoseconds{bucket};
    auto shift = bucket / detail - 1;
    auto low = (bucket % detail + detail) << shift;
    return std::chrono::nanoseconds{low + (std::uint64_t{1} << shift) / 2};
  }

  std::array<std::atomic<std::uint64_t>, 64 * detail> counts_{};
};

// All slices of one side of a comparison.
struct measured {
  std::vector<double> rates;  // of each slice, answers per second
  latencies spent;            // of all slices
  // Of each slice, this process' processor time for an answer; of loads that take it.
  std::vector<double> processor_us;

  double rate() const;  // the median of the slices
  double p50_us() const {
    return std::chrono::duration<double, std::micro>(spent.quantile(0.5)).count();
  }
  double p99_us() const {
    return std::chrono::duration<double, std::micro>(spent.quantile(0.99)).count();
  }
};

// The middle one; of an even number the mean of the two. Not of none.
double median(std::vector<double> values);

}  // namespace perdure::bench
