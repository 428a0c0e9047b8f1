// UTF-8 validation, by Boost.Locale's header-only decoder.

#include "base/utf8.hpp"

#include <algorithm>
#include <boost/locale/utf.hpp>

namespace perdure {

bool is_utf8(std::string_view bytes) {
  using traits = boost::locale::utf::utf_traits<char>;
  for (auto at = bytes.begin(); at != bytes.end();) {
    auto c = traits::decode(at, bytes.end());
    if (c == boost::locale::utf::illegal || c == boost::locale::utf::incomplete) return false;
  }
  return true;
}

std::string readable(std::string text) {
  if (is_utf8(text)) return text;
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return text;
}

}  // namespace perdure
