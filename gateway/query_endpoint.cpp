#include "gateway/query_endpoint.hpp"
