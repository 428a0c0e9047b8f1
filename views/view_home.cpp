#include "views/view_home.hpp"
