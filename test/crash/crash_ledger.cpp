// The ledger service under the crash test.

#include "test/crash/crash_service.hpp"

extern "C" const perdure::module_v1* perdure_module();

int main(int argc, char** argv) {
  return perdure::test::crash_service(argc, argv, {perdure_module()});
}
