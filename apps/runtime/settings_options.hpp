#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "apps/runtime/settings.hpp"

// How settings of each kind become options. Pulls in CLI11, so only apps/runtime/settings*.cpp
// include it. What a value should have been is said by CLI::ValidationError, which ends the
// parsing.

namespace perdure::runtime {

// A name makes the flag (--grpc-port), the variable (PERDURE_GRPC_PORT) and the key (grpc-port).
class setting_options {
 public:
  explicit setting_options(CLI::App& app) : app_(app) {}

  template <class T>
  CLI::Option* add(const std::string& name, T& target, const std::string& description) {
    return named(name, app_.add_option("--" + name, target, description)->capture_default_str());
  }

  // Hands the text to a function, which may throw a ValidationError.
  CLI::Option* add_text(const std::string& name,
                        const std::function<void(const std::string&)>& take,
                        const std::string& description);

  // One of these names, whatever its case.
  template <class T>
  CLI::Option* add_choice(const std::string& name, T& target,
                          const std::map<std::string, T>& choices, const std::string& description) {
    return named(name, app_.add_option("--" + name, target, description))
        ->transform(CLI::CheckedTransformer(choices, CLI::ignore_case));
  }

  void add_bytes(const std::string& name, std::uint64_t& target, const std::string& description);
  void add_duration(const std::string& name, std::chrono::milliseconds& target,
                    const std::string& description);
  void add_file(const std::string& name, std::string& target, const std::string& description);
  void add_flag(const std::string& name, bool& target, const std::string& description);

  // A file whose first line is the password.
  void add_password_file(const std::string& name, std::string& target,
                         const std::string& description);

  bool is_given(const std::string& name) const { return app_.get_option("--" + name)->count() > 0; }

  // All options that begin so; none of them may be given without `needed`.
  void check_not_given(const std::string& begin, const std::string& needed) const;

 private:
  static CLI::Option* named(const std::string& name, CLI::Option* option);

  CLI::App& app_;
};

// "127.0.0.1:6379", "[::1]:6379", "redis.example:6379".
struct host_and_port {
  std::string host;  // IPv6 without brackets
  std::uint16_t port;
};
// Throws a ValidationError of `option` for anything else.
host_and_port parse_address(const std::string& option, const std::string& text);

// Each adds the options of its subject, and says what no option can see alone.
void add_redis(setting_options& options, settings& s);
void check_redis(const setting_options& options, const settings& s);
void add_topics(setting_options& options, settings& s);
void check_topics(const setting_options& options, const settings& s);
void add_views(setting_options& options, settings& s);

}  // namespace perdure::runtime
