#include "views/query_plan.hpp"
