#pragma once

#include <string>
#include <string_view>
#include <vector>

// What somebody may have meant who wrote a name that is not there.

namespace perdure {

// Edits (insert, delete, replace, swap two neighbours) that turn one text into the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

// ` (did you mean "ItemRemoved"?)` with the nearest of `known`, or nothing when none is near.
// Packages count little: "ShoppingCart" is near "cart.domain.ShoppingCart".
std::string did_you_mean(std::string_view written, const std::vector<std::string>& known);

}  // namespace perdure
