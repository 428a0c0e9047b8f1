#include "test/views/model_gallery.hpp"

#include <algorithm>
#include <cctype>

namespace perdure::test {
namespace {

using gallery::Ask;
using gallery::Painting;

truth both(truth a, truth b) {
  if ((a && !*a) || (b && !*b)) return false;
  if (!a || !b) return std::nullopt;
  return true;
}

truth inverse(truth a) { return a ? truth(!*a) : std::nullopt; }

truth either(truth a, truth b) { return inverse(both(inverse(a), inverse(b))); }

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// One of SQL's comparisons, for values of which none is NULL.
template <class T>
bool compare(const std::string& by, const T& a, const T& b) {
  if (by == "=") return a == b;
  if (by == "<>") return a != b;
  if (by == "<") return a < b;
  if (by == "<=") return a <= b;
  if (by == ">") return a > b;
  return a >= b;
}

template <class T>
std::optional<T> present(bool is_there, const T& value) {
  return is_there ? std::optional<T>(value) : std::nullopt;
}

std::optional<std::int64_t> seconds_of(const google::protobuf::Timestamp* time) {
  return time == nullptr ? std::nullopt : std::optional<std::int64_t>(time->seconds());
}

// A column with a value that is perhaps NULL, beside one that is not.
template <class T>
condition comparison(const std::string& column, const std::string& by, const std::string& with,
                     std::function<std::optional<T>(const Painting&)> value, T other) {
  return {column + " " + by + " " + with, [=](const Painting& p) -> truth {
            auto has = value(p);
            if (!has) return std::nullopt;
            return compare<T>(by, *has, other);
          }};
}

}  // namespace

std::string gallery_dice::word() {
  static const std::vector<std::string> words{"Iris", "lake", "Night", "o'clock", "100%",
                                              "a_b",  "",     "Öl",    "night",   "Lakeside"};
  return words[static_cast<std::size_t>(below(static_cast<int>(words.size())))];
}

Painting gallery_dice::painting() {
  Painting p;
  p.set_title(word());
  p.set_year(1900 + below(6));
  p.set_price(below(5) - 2);
  p.set_height(below(8) / 4.0);
  p.set_is_sold(once_in(2));
  p.set_style(static_cast<gallery::Style>(below(3)));
  if (once_in(2)) p.set_copies(below(3));
  if (!once_in(3)) p.mutable_home()->set_city(word());
  if (once_in(2)) p.mutable_nickname()->set_value(word());
  if (once_in(2)) p.mutable_rank()->set_value(below(4));
  if (!once_in(4)) p.mutable_painted()->set_seconds(below(5) - 2);
  for (int i = below(3); i > 0; --i) p.add_tags(word());
  for (int i = below(3); i > 0; --i) p.add_exhibits()->set_hall(word());
  p.set_painter_id("painter" + std::to_string(below(4)));
  return p;
}

Ask gallery_dice::ask() {
  Ask ask;
  ask.set_number(below(6) - 2);
  ask.set_text(word());
  for (int i = below(4); i > 0; --i) ask.add_numbers(1900 + below(6));
  for (int i = below(3); i > 0; --i) ask.add_texts(word());
  ask.mutable_moment()->set_seconds(below(5) - 2);
  ask.set_size(1 + below(4));
  return ask;
}

condition gallery_dice::leaf(const Ask& ask) {
  static const std::vector<std::string> comparisons{"=", "<>", "<", "<=", ">", ">="};
  const auto& by = comparisons[static_cast<std::size_t>(below(6))];
  switch (below(16)) {
    case 0: {
      std::int64_t other = 1900 + below(6);
      return comparison<std::int64_t>(
          "year", by, std::to_string(other),
          [](const Painting& p) { return std::optional(p.year()); }, other);
    }
    case 1:
      return comparison<std::int64_t>(
          "price", by, ":number", [](const Painting& p) { return std::optional(p.price()); },
          ask.number());
    case 2:
      return comparison<std::int64_t>(
          "copies", by, "1",
          [](const Painting& p) -> std::optional<std::int64_t> {
            return present<std::int64_t>(p.has_copies(), p.copies());
          },
          1);
    case 3:
      return {"copies IS NULL", [](const Painting& p) { return truth(!p.has_copies()); }};
    case 4:
      return {"title LIKE '%i%'", [](const Painting& p) {
                return truth(lower(p.title()).find('i') != std::string::npos);
              }};
    case 5:
      return comparison<std::string>(
          "title", by, ":text", [](const Painting& p) { return std::optional(p.title()); },
          ask.text());
    case 6:
      return {"style IN ('CUBISM', 'FAUVISM')",
              [](const Painting& p) { return truth(p.style() != gallery::STYLE_UNSPECIFIED); }};
    case 7:
      return {"is_sold", [](const Painting& p) { return truth(p.is_sold()); }};
    case 8:
      return comparison<std::string>(
          "home.city", by, ":text",
          [](const Painting& p) { return present(p.has_home(), p.home().city()); }, ask.text());
    case 9:
      return {":text = ANY(tags)", [text = ask.text()](const Painting& p) {
                return truth(std::ranges::find(p.tags(), text) != p.tags().end());
              }};
    case 10:
      return {":text = ANY(exhibits.hall)", [text = ask.text()](const Painting& p) {
                return truth(std::ranges::any_of(p.exhibits(),
                                                 [&](const auto& e) { return e.hall() == text; }));
              }};
    case 11:
      return {"year IN (:numbers)", [ask](const Painting& p) {
                return truth(std::ranges::find(ask.numbers(), p.year()) != ask.numbers().end());
              }};
    case 12:
      return {"height BETWEEN 0.5 AND 1.25",
              [](const Painting& p) { return truth(p.height() >= 0.5 && p.height() <= 1.25); }};
    case 13:
      return {"nickname = ANY(:texts)", [ask](const Painting& p) -> truth {
                if (ask.texts().empty()) return false;  // of nothing, whatever is asked
                if (!p.has_nickname()) return std::nullopt;
                return std::ranges::find(ask.texts(), p.nickname().value()) != ask.texts().end();
              }};
    case 14:
      return comparison<std::int64_t>(
          "rank", by, "2",
          [](const Painting& p) -> std::optional<std::int64_t> {
            return present<std::int64_t>(p.has_rank(), p.rank().value());
          },
          2);
    default:
      return comparison<std::int64_t>(
          "painted", by, ":moment",
          [](const Painting& p) { return seconds_of(p.has_painted() ? &p.painted() : nullptr); },
          ask.moment().seconds());
  }
}

condition gallery_dice::any_condition(const Ask& ask, int depth) {
  if (depth == 0 || once_in(3)) return leaf(ask);
  auto a = any_condition(ask, depth - 1);
  if (once_in(4)) {
    return {"NOT (" + a.sql + ")", [a](const Painting& p) { return inverse(a.holds(p)); }};
  }
  auto b = any_condition(ask, depth - 1);
  if (once_in(2)) {
    return {"(" + a.sql + " AND " + b.sql + ")",
            [a, b](const Painting& p) { return both(a.holds(p), b.holds(p)); }};
  }
  return {"(" + a.sql + " OR " + b.sql + ")",
          [a, b](const Painting& p) { return either(a.holds(p), b.holds(p)); }};
}

}  // namespace perdure::test
