#pragma once

#include <string>
#include <vector>

#include "bench/measured.hpp"
#include "figure.pb.h"

// Rows: a figure of ours beside its ceiling and the goal for their ratio.

namespace perdure::bench {

enum class goal_kind { none, at_least, at_most, about };

struct goal {
  goal_kind kind = goal_kind::none;
  double ratio = 0;
  double tolerance = 0;  // of `about`: how far the ratio may be off
};

// Ours and its ceiling in the same unit, with the ratio, the goal and whether it is met.
Figure figure(std::string row, double ours, double ceiling, goal wanted, std::string unit,
              std::string note);

// A figure that is shown without a ceiling.
Figure figure_without_goal(std::string row, double ours, std::string unit, std::string note);

// Answers per second of two sides, with their latencies.
Figure rate_figure(std::string row, const measured& ours, const measured& ceiling, goal wanted,
                   std::string note);

// Adds how fast the disk was meanwhile.
void set_disk(Figure& f, const measured& of_disk);

// One line of the table, and the line above all of them.
std::string table_head();
std::string table_line(const Figure& f);

// A JSON list of all of them.
std::string to_json(const std::vector<Figure>& figures);

}  // namespace perdure::bench
