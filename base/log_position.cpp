// The text of positions. Told by actors/, read again by gateway/query_endpoint.cpp.

#include "base/log_position.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include "base/check.hpp"

namespace perdure {
namespace {

constexpr std::string_view version = "1";
constexpr std::string_view hex_digits = "0123456789ABCDEF";

constexpr bool stands_for_itself(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '/';
}

template <class Number>
void append_number(std::string& to, Number n) {
  std::array<char, std::numeric_limits<Number>::digits10 + 1> digits;
  auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), n);
  to.append(digits.data(), end);
}

// As append_number() writes it: without leading zeros.
template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number n{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return n;
}

std::optional<std::string> decoded_log(std::string_view text) {
  std::string log;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      if (!stands_for_itself(text[i])) return std::nullopt;
      log += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    auto high = hex_digits.find(text[i + 1]);
    auto low = hex_digits.find(text[i + 2]);
    if (high == hex_digits.npos || low == hex_digits.npos) return std::nullopt;
    auto c = static_cast<char>(high * 16 + low);
    if (stands_for_itself(c)) return std::nullopt;
    log += c;
    i += 2;
  }
  return log;
}

// Up to the separator, which is taken away with it; the rest when there is none.
std::string_view take_until(std::string_view& text, char separator) {
  auto at = std::min(text.find(separator), text.size());
  auto taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return taken;
}

std::optional<log_position> position_of(std::string_view text) {
  if (std::ranges::count(text, ':') != 2) return std::nullopt;
  auto log = decoded_log(take_until(text, ':'));
  auto partition = number_of<std::uint32_t>(take_until(text, ':'));
  auto end = number_of<std::uint64_t>(text);
  if (!log || !partition || !end) return std::nullopt;
  return log_position{*std::move(log), *partition, *end};
}

status not_ours() {
  return {status_code::invalid_argument,
          std::string(position_header) + " is not what an answer carries: send back what came as " +
              position_header + " with the answer to a command, unchanged"};
}

}  // namespace

std::string encoded_log(std::string_view log) {
  std::string text;
  for (char c : log) {
    if (stands_for_itself(c)) {
      text += c;
    } else {
      auto byte = static_cast<unsigned char>(c);
      text += {'%', hex_digits[byte >> 4], hex_digits[byte & 15]};
    }
  }
  return text;
}

void add_position(std::string& text, std::string_view encoded_log, std::uint32_t partition,
                  std::uint64_t end) {
  constexpr std::size_t numbers_and_separators = 34;
  text.reserve(text.size() + version.size() + encoded_log.size() + numbers_and_separators);
  if (text.empty()) text = version;
  text.append(";").append(encoded_log).append(":");
  append_number(text, partition);
  text.append(":");
  append_number(text, end);
}

std::string encode_positions(std::span<const log_position> positions) {
  std::string text(version);
  for (const auto& p : positions) add_position(text, encoded_log(p.log), p.partition, p.end);
  return text;
}

result<std::vector<log_position>> decode_positions(std::string_view text) {
  if (!text.starts_with(version)) return not_ours();
  text.remove_prefix(version.size());
  std::vector<log_position> positions;
  while (!text.empty()) {
    if (text.front() != ';') return not_ours();
    text.remove_prefix(1);
    auto one = text.substr(0, text.find(';'));
    auto position = position_of(one);
    if (!position) return not_ours();
    positions.push_back(*std::move(position));
    text.remove_prefix(one.size());
  }
  return positions;
}

std::string merged_positions(const std::string& a, const std::string& b) {
  if (a.empty() || a == b) return b;
  if (b.empty()) return a;
  auto all = decode_positions(a);
  auto more = decode_positions(b);
  PERDURE_CHECK(all.ok() && more.ok());
  auto bytes = a.size();
  for (auto& p : *more) {
    auto same = std::ranges::find_if(*all, [&](const log_position& known) {
      return known.log == p.log && known.partition == p.partition;
    });
    if (same == all->end()) {
      bytes += encode_positions({&p, 1}).size();
      if (bytes <= merged_positions_bytes_max) all->push_back(std::move(p));
    } else {
      same->end = std::max(same->end, p.end);
    }
  }
  return encode_positions(*all);
}

}  // namespace perdure
