#include "base/log_position.hpp"
