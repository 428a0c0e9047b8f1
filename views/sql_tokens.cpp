// The first look at a query: what is a word, a name, a text, a number. What they mean together:
// query_scopes.cpp. The rules are those of SQLite's own tokenizer (sqlite.org, "SQL As Understood
// By SQLite"), without what queries of a view have no use for.

#include "views/sql_tokens.hpp"

#include <algorithm>
#include <array>

namespace perdure::views {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// As in SQLite, all that is not ASCII is a letter.
bool begins_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}
bool goes_on(char c) { return begins_word(c) || is_digit(c); }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r' && c != '\v'); }

// Longer ones first: "->>" is not "->" and ">".
constexpr std::array<std::string_view, 26> symbols = {
    "->>", "->", "||", "<=", ">=", "<>", "!=", "==", "<<", ">>", "(", ")", ",",
    ".",   ";",  "*",  "=",  "<",  ">",  "+",  "-",  "/",  "%",  "&", "|", "~"};

class tokenizer {
 public:
  explicit tokenizer(std::string_view sql) : sql_(sql) {}

  read_sql read() && {
    while (skip_blanks() && at_ < sql_.size() && next()) {
    }
    return std::move(made_);
  }

 private:
  char ahead(std::size_t by = 0) const { return at_ + by < sql_.size() ? sql_[at_ + by] : '\0'; }
  bool is_ahead(std::string_view text) const { return sql_.substr(at_).starts_with(text); }

  bool fail(std::string text) {
    made_.problem = {at_, std::move(text)};
    return false;
  }

  bool take(token_kind kind, std::size_t end) {
    made_.tokens.push_back({kind, sql_.substr(at_, end - at_), at_});
    at_ = end;
    return true;
  }

  std::size_t end_of_word(std::size_t from) const {
    while (from < sql_.size() && goes_on(sql_[from])) ++from;
    return from;
  }

  bool skip_blanks() {
    while (at_ < sql_.size()) {
      if (is_space(sql_[at_])) {
        ++at_;
      } else if (is_ahead("--")) {
        at_ = std::min(sql_.find('\n', at_), sql_.size());
      } else if (is_ahead("/*")) {
        auto end = sql_.find("*/", at_ + 2);
        if (end == sql_.npos) return fail("the comment that begins here does not end; write */");
        at_ = end + 2;
      } else {
        break;
      }
    }
    return true;
  }

  bool next() {
    char c = ahead();
    if (c == '\'') return take_text(token_kind::text, 0, '\'');
    if ((c == 'x' || c == 'X') && ahead(1) == '\'') return take_blob();
    if (c == '"' || c == '`') return take_text(token_kind::quoted, 0, c);
    if (c == '[') return take_text(token_kind::quoted, 0, ']');
    if (is_digit(c) || (c == '.' && is_digit(ahead(1)) && !follows_name())) return take_number();
    if (c == ':' && begins_word(ahead(1))) return take_parameter();
    if (begins_word(c)) return take(token_kind::word, end_of_word(at_));
    return take_symbol();
  }

  // A dot behind a name, or a closing parenthesis, divides a path.
  bool follows_name() const {
    if (made_.tokens.empty()) return false;
    const auto& last = made_.tokens.back();
    return last.kind == token_kind::word || last.kind == token_kind::quoted;
  }

  // What is between quotes; two of them together are one that is meant.
  bool take_text(token_kind kind, std::size_t before, char end) {
    auto i = at_ + before + 1;
    for (; i < sql_.size(); ++i) {
      if (sql_[i] != end) continue;
      if (end == ']' || i + 1 >= sql_.size() || sql_[i + 1] != end) return take(kind, i + 1);
      ++i;
    }
    std::string what = kind == token_kind::quoted ? "name" : "text";
    return fail("the " + what + " that begins here does not end; write a closing " + end);
  }

  bool take_blob() {
    auto start = at_;
    if (!take_text(token_kind::blob, 1, '\'')) return false;
    auto digits = made_.tokens.back().text.substr(2);
    digits.remove_suffix(1);
    if (digits.size() % 2 == 0 && std::ranges::all_of(digits, is_hex)) return true;
    made_.tokens.pop_back();
    at_ = start;
    return fail("a blob is x'' with pairs of hexadecimal digits between the quotes");
  }

  bool take_number() {
    auto i = at_;
    auto digits = [&](bool (*counts)(char)) {
      while (i < sql_.size() && counts(sql_[i])) ++i;
    };
    if (ahead() == '0' && (ahead(1) == 'x' || ahead(1) == 'X') && is_hex(ahead(2))) {
      i += 2;
      digits(is_hex);
    } else {
      digits(is_digit);
      if (i < sql_.size() && sql_[i] == '.') {
        ++i;
        digits(is_digit);
      }
      take_exponent(i);
    }
    if (i < sql_.size() && goes_on(sql_[i])) {
      auto wrong = sql_.substr(at_, end_of_word(i) - at_);
      return fail("\"" + std::string(wrong) +
                  "\" is neither a number nor a name; a name that begins with a digit stands in "
                  "double quotes");
    }
    return take(token_kind::number, i);
  }

  void take_exponent(std::size_t& i) const {
    if (i >= sql_.size() || (sql_[i] != 'e' && sql_[i] != 'E')) return;
    auto j = i + 1;
    if (j < sql_.size() && (sql_[j] == '+' || sql_[j] == '-')) ++j;
    if (j >= sql_.size() || !is_digit(sql_[j])) return;
    while (j < sql_.size() && is_digit(sql_[j])) ++j;
    i = j;
  }

  bool take_parameter() {
    auto end = end_of_word(at_ + 1);
    while (end + 1 < sql_.size() && sql_[end] == '.' && begins_word(sql_[end + 1])) {
      end = end_of_word(end + 1);
    }
    return take(token_kind::parameter, end);
  }

  bool take_symbol() {
    for (auto symbol : symbols) {
      if (is_ahead(symbol)) return take(token_kind::symbol, at_ + symbol.size());
    }
    char c = ahead();
    if (c == '?' || c == '@' || c == '$' || c == ':') {
      return fail(std::string("a parameter is written :field, with a field of the request; \"") +
                  c + "\" is another form");
    }
    if (c < ' ' || c == 0x7f) return fail("a control character; remove it");
    return fail(std::string("\"") + c + "\" is no character of SQL; remove it");
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  read_sql made_;
};

}  // namespace

read_sql read_tokens(std::string_view sql) { return tokenizer(sql).read(); }

result<std::vector<sql_token>> tokens_of(std::string_view sql) {
  auto read = read_tokens(sql);
  if (!read.problem) return std::move(read.tokens);
  return status(status_code::invalid_argument,
                place_in(sql, read.problem->at) + ": " + read.problem->text);
}

std::string place_in(std::string_view sql, std::size_t at) {
  auto before = sql.substr(0, std::min(at, sql.size()));
  auto line = 1 + std::ranges::count(before, '\n');
  auto in_line = before.substr(before.rfind('\n') + 1);  // npos + 1 == 0
  auto column = 1 + std::ranges::count_if(in_line, [](char c) { return (c & 0xc0) != 0x80; });
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

}  // namespace perdure::views
