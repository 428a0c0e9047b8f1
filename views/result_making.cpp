#include "views/result_making.hpp"
