#include "views/sql_tokens.hpp"
