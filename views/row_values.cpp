#include "views/row_values.hpp"
