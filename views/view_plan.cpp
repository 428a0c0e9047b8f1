#include "views/view_plan.hpp"
