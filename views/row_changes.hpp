#pragma once

#include <map>
#include <string>
#include <vector>

#include "views/view_plan.hpp"

// What has changed in the messages of a view's rows since a file of it was made.

namespace perdure::views {

// A line for each field whose number has another type or name now, or that is gone; messages inside
// rows too. `rows`: the message of each table, `descriptors`: a FileDescriptorSet that has them; as
// sqlite_view_file::identity. Empty: whatever was written can be read as before.
std::vector<std::string> breaking_changes(const std::map<std::string, std::string>& rows,
                                          const std::string& descriptors, const view_plan& now);

}  // namespace perdure::views
