#include "views/projector.hpp"
