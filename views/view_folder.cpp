// What stands in a view's folder, as a process may have left it. Next: view_home.cpp.

#include "views/view_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "views/sqlite_view_file.hpp"

namespace perdure::views {
namespace {

namespace fs = std::filesystem;

constexpr const char* beside[] = {"-wal", "-shm"};

struct name_parts {
  std::uint64_t number = 0;
  std::string rest;  // ".db", ".db-wal"
};

std::optional<name_parts> parts_of(const std::string& name) {
  name_parts parts;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), parts.number);
  if (error != std::errc{}) return std::nullopt;
  parts.rest = name.substr(static_cast<std::size_t>(end - name.data()));
  return parts.rest.starts_with(".db") ? std::optional(parts) : std::nullopt;
}

void remove_file(const std::string& file) {
  std::error_code ignored;
  fs::remove(file, ignored);
  for (const auto* end : beside) fs::remove(file + end, ignored);
}

// What is left beside files that are not there any more.
void remove_leftovers(const std::string& folder, const std::vector<name_parts>& names) {
  for (const auto& [number, rest] : names) {
    auto file = view_file_in(folder, number);
    std::error_code ignored;
    if ((rest == ".db-wal" || rest == ".db-shm") && !fs::exists(file, ignored)) remove_file(file);
  }
}

using identities = std::map<std::uint64_t, sqlite_view_file::identity>;

std::optional<std::uint64_t> newest_of(const identities& files, auto which) {
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    if (which(file->first, file->second)) return file->first;
  }
  return std::nullopt;
}

}  // namespace

std::string view_file_in(const std::string& folder, std::uint64_t number) {
  return folder + "/" + std::to_string(number) + ".db";
}

void move_damaged_aside(const std::string& file, const std::string& view, const status& why) {
  log_error(view + ": a file of its rows is damaged, so it is moved to \"" + file +
            ".damaged\" and the rows are made anew: " + to_string(why));
  std::error_code failed;
  fs::rename(file, file + ".damaged", failed);
  for (const auto* end : beside) {
    std::error_code ignored;
    fs::rename(file + end, file + ".damaged" + end, ignored);
  }
  if (failed) remove_file(file);
}

status sync_folder(const std::string& folder) {
  int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool is_synced = opened >= 0 && ::fsync(opened) == 0;
  auto why = errno;
  if (opened >= 0) ::close(opened);
  if (is_synced) return {};
  return {status_code::unavailable,
          "\"" + folder + "\" cannot be synced: " + std::string(std::strerror(why))};
}

result<view_files> tidy_view_folder(const std::string& folder, const std::string& definition,
                                    const std::string& view) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  std::vector<name_parts> names;
  for (fs::directory_iterator file(folder, failed), end; !failed && file != end;
       file.increment(failed)) {
    if (auto parts = parts_of(file->path().filename().string())) names.push_back(*parts);
  }
  if (failed) {
    return status(status_code::unavailable,
                  "\"" + folder + "\" cannot be read: " + failed.message());
  }
  remove_leftovers(folder, names);
  view_files found;
  identities files;
  for (const auto& [number, rest] : names) {
    found.newest = std::max(found.newest, number);
    if (rest != ".db") continue;
    auto path = view_file_in(folder, number);
    auto is = sqlite_view_file::identify(path);
    if (is.ok()) {
      files.emplace(number, *std::move(is));
    } else if (is.error().code() == status_code::not_found) {
      remove_file(path);  // it was being made
    } else if (is.error().code() == status_code::data_loss) {
      move_damaged_aside(path, view, is.error());
    } else if (is.error().code() == status_code::failed_precondition) {
      log_warning(view + ": " + is.error().message() + "; it is left as it is");
    } else {
      return is.error();
    }
  }
  auto is_ours = [&](const auto& file) { return file.definition == definition; };
  found.serving =
      newest_of(files, [&](auto, const auto& f) { return f.is_complete && is_ours(f); });
  if (!found.serving) {
    found.serving = newest_of(files, [](auto, const auto& f) { return f.is_complete; });
    found.is_old = found.serving.has_value();
  }
  found.building = newest_of(files, [&](auto number, const auto& f) {
    return !f.is_complete && is_ours(f) && number > found.serving.value_or(0);
  });
  for (const auto& [number, file] : files) {
    if (number != found.serving && number != found.building) {
      remove_file(view_file_in(folder, number));
    }
  }
  return found;
}

}  // namespace perdure::views
