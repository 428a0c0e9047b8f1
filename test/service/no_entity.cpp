// A module whose author forgot to add an entity.

#include "perdure/module.hpp"

PERDURE_SERVICE(service) { service.name("hollow"); }
