#include "views/sqlite_view_file.hpp"
