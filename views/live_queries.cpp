#include "views/live_queries.hpp"
