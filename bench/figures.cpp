// Rows, as people read them in the table and programs in JSON.

#include "bench/figures.hpp"

#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <cstdarg>
#include <cstdio>

#include "base/check.hpp"

namespace perdure::bench {
namespace {

std::string format(const char* how, ...) __attribute__((format(printf, 1, 2)));

std::string format(const char* how, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, how);
  std::vsnprintf(text, sizeof text, how, arguments);
  va_end(arguments);
  return text;
}

// Three digits that mean something, and no more.
std::string readable(double value) {
  return format(value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
}

std::string text_of(const goal& wanted) {
  switch (wanted.kind) {
    case goal_kind::none:
      return {};
    case goal_kind::at_least:
      return format(">= %g", wanted.ratio);
    case goal_kind::at_most:
      return format("<= %g", wanted.ratio);
    case goal_kind::about:
      return format("%g +- %g", wanted.ratio, wanted.tolerance);
  }
  return {};
}

bool is_met(const goal& wanted, double ratio) {
  switch (wanted.kind) {
    case goal_kind::none:
      return true;
    case goal_kind::at_least:
      return ratio >= wanted.ratio;
    case goal_kind::at_most:
      return ratio <= wanted.ratio;
    case goal_kind::about:
      return std::abs(ratio - wanted.ratio) <= wanted.tolerance;
  }
  return false;
}

}  // namespace

Figure figure(std::string row, double ours, double ceiling, goal wanted, std::string unit,
              std::string note) {
  auto made = figure_without_goal(std::move(row), ours, std::move(unit), std::move(note));
  auto ratio = ours / ceiling;
  made.set_ceiling(ceiling);
  made.set_ratio(ratio);
  made.set_goal(text_of(wanted));
  if (wanted.kind != goal_kind::none) made.set_verdict(is_met(wanted, ratio) ? "ok" : "below goal");
  return made;
}

Figure figure_without_goal(std::string row, double ours, std::string unit, std::string note) {
  Figure made;
  made.set_row(std::move(row));
  made.set_ours(ours);
  made.set_unit(std::move(unit));
  made.set_note(std::move(note));
  return made;
}

Figure rate_figure(std::string row, const measured& ours, const measured& ceiling, goal wanted,
                   std::string note) {
  auto made =
      figure(std::move(row), ours.rate(), ceiling.rate(), wanted, "calls/s", std::move(note));
  made.set_ours_p50_us(ours.p50_us());
  made.set_ours_p99_us(ours.p99_us());
  made.set_ceiling_p50_us(ceiling.p50_us());
  made.set_ceiling_p99_us(ceiling.p99_us());
  return made;
}

void set_disk(Figure& f, const measured& of_disk) {
  f.set_disk_p50_us(of_disk.p50_us());
  f.set_disk_p99_us(of_disk.p99_us());
}

std::string table_head() {
  return format("%-26s %10s %10s  %-9s %6s %-8s %-10s  %s", "row", "ours", "ceiling", "unit",
                "ratio", "goal", "", "p50, p99 of ours / ceiling; disk (us)");
}

std::string table_line(const Figure& f) {
  auto line =
      format("%-26s %10s %10s  %-9s %6s %-8s %-10s ", f.row().c_str(), readable(f.ours()).c_str(),
             f.has_ceiling() ? readable(f.ceiling()).c_str() : "-", f.unit().c_str(),
             f.has_ratio() ? format("%.2f", f.ratio()).c_str() : "-", f.goal().c_str(),
             f.verdict().c_str());
  if (f.has_ours_p50_us()) line += format(" %.0f, %.0f", f.ours_p50_us(), f.ours_p99_us());
  if (f.has_ceiling_p50_us()) {
    line += format(" / %.0f, %.0f", f.ceiling_p50_us(), f.ceiling_p99_us());
  }
  if (f.has_disk_p50_us()) line += format("; %.0f, %.0f", f.disk_p50_us(), f.disk_p99_us());
  return line;
}

std::string to_json(const std::vector<Figure>& figures) {
  google::protobuf::util::JsonPrintOptions how;
  how.preserve_proto_field_names = true;
  std::string list;
  for (const auto& f : figures) {
    std::string object;
    PERDURE_CHECK(google::protobuf::util::MessageToJsonString(f, &object, how).ok());
    list += (list.empty() ? "[\n  " : ",\n  ") + object;
  }
  return list.empty() ? "[]\n" : list + "\n]\n";
}

}  // namespace perdure::bench
