// A module as a future Perdure would build it: perdure_host must refuse it.

#define PERDURE_MODULE_ABI 9999
#include "perdure/module.hpp"

PERDURE_SERVICE(service) { service.name("from the future"); }
