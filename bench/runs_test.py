"""The benchmarks run: one row of each kind, as briefly as can be, and the JSON that comes of it."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROWS = [
    "grpc_add_item_16",
    "key_value_rocksdb_16",
    "in_process",
    "http_add_item",
    "topic_to_action",
]
# A gRPC row is held against two bare servers; the goal is for the first.
FIGURES = [
    "grpc_add_item_16",
    "grpc_add_item_16_queue",
    "key_value_rocksdb_16",
    "in_process",
    "http_add_item",
    "topic_to_action",
]
WITHOUT_GOAL = {"grpc_add_item_16_queue", "key_value_rocksdb_16"}


class BenchRuns(unittest.TestCase):
    def run_bench(self, *arguments):
        command = [BENCH, "--slice-ms", "50", "--slices", "2", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=240)

    def test_each_row_that_is_asked_for_is_measured(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "figures.json"
            done = self.run_bench("--json", str(file), "--row", *ROWS)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            figures = json.loads(file.read_text())
        self.assertEqual([f["row"] for f in figures], FIGURES)
        for figure in figures:
            self.assertGreater(figure["ours"], 0)
            self.assertGreater(figure["ceiling"], 0)
            self.assertAlmostEqual(figure["ratio"], figure["ours"] / figure["ceiling"])
            is_topic = figure["row"].startswith("topic_")
            self.assertEqual(figure["unit"], "events/s" if is_topic else "calls/s")
            has_goal = figure["row"] not in WITHOUT_GOAL
            self.assertRegex(figure.get("goal", ""), r"^>= 0\.\d$" if has_goal else "^$")
            self.assertIn(figure["row"], done.stdout)

    def test_a_row_that_cannot_be_measured_is_told_and_fails(self):
        done = self.run_bench("--row", ROWS[0], "--shopping-cart", "/no/such/service")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("/no/such/service could not be run", done.stdout)


if __name__ == "__main__":
    BENCH = sys.argv.pop(1)
    unittest.main()
