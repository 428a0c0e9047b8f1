#include "views/sqlite_connection.hpp"
