#include "views/queries.hpp"
