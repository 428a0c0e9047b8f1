// Pieces of text that every generated file is made of.

#include "codegen/printing.hpp"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "codegen/names.hpp"

namespace perdure::codegen {

std::string print(const std::function<void(Printer&)>& body) {
  std::string content;
  {
    google::protobuf::io::StringOutputStream stream(&content);
    Printer printer(&stream, '$');
    body(printer);
  }
  if (content.ends_with("\n\n")) content.pop_back();
  return content;
}

void print_in_namespace(const std::string& package, Printer& out,
                        const std::function<void()>& body) {
  auto space = cpp_namespace(package);
  if (!space.empty()) out.Print("namespace $space$ {\n\n", "space", space);
  body();
  if (!space.empty()) out.Print("}  // namespace $space$\n\n", "space", space);
}

void print_comment(const std::string& comment, Printer& out) {
  std::string_view text = comment;
  while (text.ends_with('\n')) text.remove_suffix(1);
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    // Some compilers end a line at other control characters, too.
    std::string plain(line);
    std::ranges::replace_if(
        plain, [](char c) { return std::iscntrl(static_cast<unsigned char>(c)) != 0; }, ' ');
    // A backslash at the end would draw the next line into the comment, as would its trigraph.
    while (plain.ends_with('\\') || plain.ends_with(' ') || plain.ends_with("?\?/")) {
      plain.pop_back();
    }
    bool spaced = plain.empty() || plain.starts_with(' ');
    out.Print("///$space$$line$\n", "space", spaced ? "" : " ", "line", plain);
  }
}

}  // namespace perdure::codegen
