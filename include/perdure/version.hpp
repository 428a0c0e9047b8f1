#pragma once

/// The version of the public API, as text.
#define PERDURE_VERSION "0.1.0"
