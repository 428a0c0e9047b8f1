#include "views/row_schema.hpp"
