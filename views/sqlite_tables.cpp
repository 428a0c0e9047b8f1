#include "views/sqlite_tables.hpp"
