// Names of a .proto in C++: messages as protobuf's own generator spells them, everything that is
// ours in snake_case.

#include "codegen/names.hpp"

#include <string.h>  // strerrorname_np is of the C library alone

#include <algorithm>
#include <string_view>

namespace perdure::codegen {
namespace {

// Sorted. Keywords of C++20, then what the C library defines as a macro in lower case.
constexpr std::string_view keywords[] = {
    "alignas",       "alignof",     "and",
    "and_eq",        "asm",         "auto",
    "bitand",        "bitor",       "bool",
    "break",         "case",        "catch",
    "char",          "char16_t",    "char32_t",
    "char8_t",       "class",       "co_await",
    "co_return",     "co_yield",    "compl",
    "concept",       "const",       "const_cast",
    "consteval",     "constexpr",   "constinit",
    "continue",      "decltype",    "default",
    "delete",        "do",          "double",
    "dynamic_cast",  "else",        "enum",
    "explicit",      "export",      "extern",
    "false",         "float",       "for",
    "friend",        "goto",        "if",
    "inline",        "int",         "long",
    "mutable",       "namespace",   "new",
    "noexcept",      "not",         "not_eq",
    "nullptr",       "operator",    "or",
    "or_eq",         "private",     "protected",
    "public",        "register",    "reinterpret_cast",
    "requires",      "return",      "short",
    "signed",        "sizeof",      "static",
    "static_assert", "static_cast", "struct",
    "switch",        "template",    "this",
    "thread_local",  "throw",       "true",
    "try",           "typedef",     "typeid",
    "typename",      "union",       "unsigned",
    "using",         "virtual",     "void",
    "volatile",      "wchar_t",     "while",
    "xor",           "xor_eq",
};
constexpr std::string_view macros[] = {"alloca",  "assert",   "errno",  "linux", "major",
                                       "minor",   "offsetof", "stderr", "stdin", "stdout",
                                       "strdupa", "strndupa", "unix"};

// What protobuf writes as it is, though it cannot stand there: keywords younger than it knows and
// macros of the headers it includes. The codes of errno are asked for, not listed.
constexpr std::string_view unescaped[] = {
    "char16_t",   "char32_t",     "char8_t",          "co_await",     "co_return",  "co_yield",
    "concept",    "consteval",    "constinit",        "requires",     "alloca",     "assert",
    "errno",      "linux",        "offsetof",         "strdupa",      "strndupa",   "unix",
    "BUFSIZ",     "CHAR_BIT",     "CHAR_MAX",         "CHAR_MIN",     "EOF",        "EWOULDBLOCK",
    "ENOTSUP",    "EXIT_FAILURE", "EXIT_SUCCESS",     "FILENAME_MAX", "FOPEN_MAX",  "INT8_MAX",
    "INT8_MIN",   "INT16_MAX",    "INT16_MIN",        "INT32_MAX",    "INT32_MIN",  "INT64_MAX",
    "INT64_MIN",  "INT_MAX",      "INT_MIN",          "LLONG_MAX",    "LLONG_MIN",  "LONG_MAX",
    "LONG_MIN",   "PATH_MAX",     "PROTOBUF_VERSION", "RAND_MAX",     "SCHAR_MAX",  "SCHAR_MIN",
    "SEEK_CUR",   "SEEK_END",     "SEEK_SET",         "SHRT_MAX",     "SHRT_MIN",   "SIZE_MAX",
    "TMP_MAX",    "UCHAR_MAX",    "UINT8_MAX",        "UINT16_MAX",   "UINT32_MAX", "UINT64_C",
    "UINT64_MAX", "UINT_MAX",     "ULLONG_MAX",       "ULONG_MAX",    "USHRT_MAX",
};

// Types that protobuf's code uses by their bare names.
constexpr std::string_view bare_types[] = {"int32_t",  "int64_t",  "size_t",
                                           "uint32_t", "uint64_t", "uint8_t"};

// What every class of a message has already.
constexpr std::string_view message_members[] = {"ByteSizeLong",
                                                "ClassData",
                                                "Clear",
                                                "CopyFrom",
                                                "DestructorSkippable_",
                                                "FullMessageName",
                                                "GetCachedSize",
                                                "GetClassData",
                                                "GetDescriptor",
                                                "GetMetadata",
                                                "GetReflection",
                                                "Impl_",
                                                "InternalArenaConstructable_",
                                                "InternalSwap",
                                                "IsInitialized",
                                                "MergeFrom",
                                                "MergeImpl",
                                                "New",
                                                "SetCachedSize",
                                                "SharedCtor",
                                                "SharedDtor",
                                                "Swap",
                                                "UnsafeArenaSwap",
                                                "_Internal",
                                                "default_instance",
                                                "descriptor"};

constexpr int errno_max = 4095;

bool is_errno_code(std::string_view name) {
  if (!name.starts_with('E')) return false;
  for (int code = 1; code <= errno_max; ++code) {
    if (const char* known = strerrorname_np(code); known != nullptr && name == known) return true;
  }
  return false;
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether name[i], a capital, starts a word.
bool starts_word(std::string_view name, std::size_t i) {
  if (i == 0) return false;
  if (is_lower(name[i - 1]) || is_digit(name[i - 1])) return true;
  return is_upper(name[i - 1]) && i + 1 < name.size() && is_lower(name[i + 1]);
}

// "Outer_Inner", before keywords are minded.
std::string joined_name(const google::protobuf::Descriptor& message) {
  const auto* outer = message.containing_type();
  return outer == nullptr ? message.name() : joined_name(*outer) + "_" + message.name();
}

}  // namespace

std::string snake_case(std::string_view name) {
  std::string snake;
  for (std::size_t i = 0; i < name.size(); ++i) {
    bool separate = name[i] == '_' || (is_upper(name[i]) && starts_word(name, i));
    // Two underscores in a row are reserved to the implementation everywhere in C++.
    if (separate && !snake.ends_with('_')) snake += '_';
    if (name[i] == '_') continue;
    snake += is_upper(name[i]) ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
  }
  return snake;
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string identifier(std::string name) {
  if (is_keyword(name) || std::ranges::find(macros, name) != std::end(macros)) name += '_';
  return name;
}

bool is_keyword(std::string_view name) {
  return std::ranges::find(keywords, name) != std::end(keywords);
}

bool is_unescaped(std::string_view name) {
  return std::ranges::find(unescaped, name) != std::end(unescaped) ||
         std::ranges::find(bare_types, name) != std::end(bare_types) || is_errno_code(name);
}

bool is_message_member(std::string_view name) {
  return std::ranges::find(message_members, name) != std::end(message_members);
}

bool is_simple_name(std::string_view name) {
  return !name.empty() && (is_upper(name[0]) || is_lower(name[0])) &&
         std::ranges::all_of(
             name, [](char c) { return is_upper(c) || is_lower(c) || is_digit(c) || c == '_'; });
}

std::string first_character(const std::string& text) {
  auto is_inner = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
  return {text.begin(), std::find_if_not(text.begin() + 1, text.end(), is_inner)};
}

std::string class_name(const google::protobuf::Descriptor& message) {
  const auto* outer = message.containing_type();
  auto name = outer == nullptr ? message.name() : class_name(*outer) + "_" + message.name();
  return (is_keyword(name) && !is_unescaped(name)) || name == "NULL" ? name + "_" : name;
}

std::string qualified_class_name(const google::protobuf::Descriptor& message) {
  const auto& package = message.file()->package();
  return (package.empty() ? "::" : "::" + cpp_namespace(package) + "::") + class_name(message);
}

std::string cpp_namespace(std::string_view package) {
  std::string result;
  for (char c : package) result += c == '.' ? "::" : std::string(1, c);
  return result;
}

std::string base_class_name(std::string_view component) {
  return snake_case(std::string(component) + "_base");
}

std::string calls_struct_name(const google::protobuf::ServiceDescriptor& service) {
  return snake_case(service.name() + "_calls");
}

std::string command_handler_name(const google::protobuf::MethodDescriptor& rpc) {
  return identifier(snake_case(rpc.name()));
}

std::string event_handler_name(const google::protobuf::Descriptor& event) {
  return snake_case("on_" + joined_name(event));
}

std::string file_stem(const google::protobuf::FileDescriptor& file) {
  std::string_view name = file.name();
  for (std::string_view extension : {".protodevel", ".proto"}) {
    if (name.ends_with(extension))
      return std::string(name.substr(0, name.size() - extension.size()));
  }
  return std::string(name);
}

}  // namespace perdure::codegen
