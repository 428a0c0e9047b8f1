// Sizes, durations, files and addresses among the settings.

#include "apps/runtime/settings_options.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>

namespace perdure::runtime {
namespace {

// Added to any time of day it is still a time of day.
constexpr std::chrono::milliseconds longest = std::chrono::hours{24 * 365 * 10};

std::string variable_of(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return c == '-' ? '_' : std::toupper(c); });
  return "PERDURE_" + name;
}

}  // namespace

CLI::Option* setting_options::named(const std::string& name, CLI::Option* option) {
  return option->envname(variable_of(name))->take_last();
}

CLI::Option* setting_options::add_text(const std::string& name,
                                       const std::function<void(const std::string&)>& take,
                                       const std::string& description) {
  return named(name, app_.add_option_function<std::string>("--" + name, take, description));
}

void setting_options::add_bytes(const std::string& name, std::uint64_t& target,
                                const std::string& description) {
  add(name, target, description)
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::PositiveNumber)
      ->type_name("BYTES");
}

void setting_options::add_duration(const std::string& name, std::chrono::milliseconds& target,
                                   const std::string& description) {
  const std::map<std::string, std::int64_t> units{
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  named(name,
        app_.add_option_function<std::int64_t>(
            "--" + name, [&target](std::int64_t ms) { target = std::chrono::milliseconds{ms}; },
            description))
      ->transform(CLI::AsNumberWithUnit(units, CLI::AsNumberWithUnit::UNIT_REQUIRED))
      ->check(CLI::Range(std::int64_t{1}, longest.count()))
      ->type_name("DURATION")
      ->default_str(std::to_string(target.count()) + "ms");
}

void setting_options::add_file(const std::string& name, std::string& target,
                               const std::string& description) {
  add(name, target, description)->check(CLI::ExistingFile)->type_name("FILE");
}

void setting_options::add_flag(const std::string& name, bool& target,
                               const std::string& description) {
  app_.add_flag("--" + name, target, description)->envname(variable_of(name));
}

void setting_options::add_password_file(const std::string& name, std::string& target,
                                        const std::string& description) {
  add_text(
      name,
      [name, &target](const std::string& path) {
        std::ifstream file(path);
        std::getline(file, target);
        if (target.ends_with('\r')) target.pop_back();
        if (!target.empty()) return;
        throw CLI::ValidationError("--" + name, "expected a password in the first line of " + path +
                                                    ", but it is empty or there is "
                                                    "no such file to be read");
      },
      description)
      ->type_name("FILE");
}

void setting_options::check_not_given(const std::string& begin, const std::string& needed) const {
  for (const auto* option : app_.get_options()) {
    const auto& name = option->get_name();
    if (!name.starts_with("--" + begin) || option->count() == 0) continue;
    throw CLI::ValidationError(name, "is of use only with " + needed + ": add that or remove this");
  }
}

host_and_port parse_address(const std::string& option, const std::string& text) {
  host_and_port made{};
  auto colon = text.rfind(':');
  made.host = text.substr(0, std::min(colon, text.size()));
  auto port = colon == text.npos ? std::string() : text.substr(colon + 1);
  bool is_ipv6 = made.host.size() > 2 && made.host.front() == '[' && made.host.back() == ']';
  if (is_ipv6) made.host = made.host.substr(1, made.host.size() - 2);
  auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), made.port);
  bool is_port = error == std::errc{} && end == port.data() + port.size() && made.port > 0;
  bool is_host = !made.host.empty() && made.host.find_first_of("[]/ ") == made.host.npos &&
                 is_ipv6 == (made.host.find(':') != made.host.npos);
  if (is_host && is_port) return made;
  throw CLI::ValidationError(option,
                             "expected HOST:PORT, as in 127.0.0.1:1234 or, of IPv6, "
                             "[::1]:1234; got \"" +
                                 text + "\"");
}

}  // namespace perdure::runtime
