"""perdure_host: several actor modules in one process, and the modules it refuses.

usage: perdure_host_test.py PERDURE_HOST SHOPPING_CART.so FLIGHTS.so OTHER_ABI.so NO_MODULE.so
                           NO_ENTITY.so
"""

import shutil
import sys
import unittest

from harness import Service, ServiceTest, run_to_end

HOST = CART = FLIGHTS = OTHER_ABI = NO_MODULE = NO_ENTITY = None


class Modules(ServiceTest):
    def test_two_modules_are_served_by_one_process(self):
        with Service([HOST, CART, FLIGHTS], self.data) as host:
            item = {"productId": "apple", "quantity": 1}
            self.assertEqual(host.http("POST", "/carts/c1/items", item)[0], 200)
            self.assertEqual(host.http("GET", "/aircraft/N1")[0], 404)
            host.kill()
        with Service([HOST, CART], self.data) as host:
            self.assertEqual(host.http("GET", "/carts/c1")[1]["items"][0]["quantity"], 1)

    def refused(self, *modules):
        code, said = run_to_end([HOST, *modules], "--data", str(self.data), "--grpc-port", "0",
                                "--http-port", "0", "--admin-port", "0")
        self.assertNotEqual(code, 0)
        return said

    def test_a_module_of_another_version_is_refused(self):
        self.assertRegex(self.refused(CART, OTHER_ABI), "built with module ABI 9999, this host with")

    def test_what_is_no_module_is_refused(self):
        self.assertIn("exports no perdure_module", self.refused(NO_MODULE))
        text = self.data / "text.so"
        text.write_text("no shared object")
        self.assertIn("cannot load", self.refused(str(text)))
        self.assertIn("nowhere.so", self.refused("nowhere.so"))

    def test_a_service_without_a_component_is_refused(self):
        self.assertIn('the service "hollow" has no name or no component', self.refused(NO_ENTITY))

    def test_the_same_module_twice_is_refused(self):
        self.assertIn("shopping-cart", self.refused(CART, CART))

    def test_two_modules_with_the_same_proto_are_refused(self):
        other = shutil.copy(CART, self.data / "other.so")
        said = self.refused(CART, str(other))
        self.assertIn("cart_domain.proto", said)
        self.assertIn("other.so brings along a .proto", said)
        self.assertNotIn("terminate", said)


if __name__ == "__main__":
    HOST, CART, FLIGHTS, OTHER_ABI, NO_MODULE, NO_ENTITY = sys.argv[1:]
    del sys.argv[1:]
    unittest.main(verbosity=2)
