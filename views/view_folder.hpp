#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "perdure/status.hpp"

// The files of one view, and what becomes of each at start.
//
//   <number>.db, and -wal and -shm beside it    the higher number is the newer
//   <number>.db.damaged                         for people; never read
//
//   of this definition, complete                the newest serves
//     newer, of this definition, incomplete     a rebuild that goes on
//   none of those: of another, complete         the newest serves meanwhile
//     newer, of this definition, incomplete     goes on being made
//   others                                      are removed

namespace perdure::views {

struct view_files {
  std::optional<std::uint64_t> serving;
  bool is_old = false;  // it is of another definition
  std::optional<std::uint64_t> building;
  std::uint64_t newest = 0;  // of all that there ever was, as far as known
};

std::string view_file_in(const std::string& folder, std::uint64_t number);

// Makes the folder, moves what is damaged aside, removes what nobody needs. `view`: for people.
//   UNAVAILABLE  the folder or a file cannot be read now
result<view_files> tidy_view_folder(const std::string& folder, const std::string& definition,
                                    const std::string& view);

// Moves a file aside, with what is beside it.
void move_damaged_aside(const std::string& file, const std::string& view, const status& why);

// What was made in the folder is there after a power cut.
status sync_folder(const std::string& folder);

}  // namespace perdure::views
