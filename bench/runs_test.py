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
    "view_key_lookup",
    "view_index_query",
    "view_updates",
    "view_rebuild",
    "view_lag",
    "view_live",
]
# Unit and goal of each figure. A gRPC row is held against two bare servers; the goal is for the
# first.
FIGURES = {
    "grpc_add_item_16": ("calls/s", ">= 0.6"),
    "grpc_add_item_16_queue": ("calls/s", ""),
    "key_value_rocksdb_16": ("calls/s", ""),
    "in_process": ("calls/s", ">= 0.7"),
    "http_add_item": ("calls/s", ">= 0.5"),
    "topic_to_action": ("events/s", ">= 0.5"),
    "view_key_lookup": ("calls/s", ">= 0.7"),
    "view_index_query": ("calls/s", ">= 0.6"),
    "view_updates": ("rows/s", ">= 0.5"),
    "view_rebuild": ("events/s", ">= 0.5"),
    "view_lag": ("ms", "<= 1"),
    "view_live": ("us", ""),
    "view_live_rate": ("events/s", ""),
}


class BenchRuns(unittest.TestCase):
    def run_bench(self, *arguments):
        command = [BENCH, "--slice-ms", "50", "--slices", "2"]
        command += ["--view-events", "1000", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=600)

    def test_each_row_that_is_asked_for_is_measured(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "figures.json"
            done = self.run_bench("--json", str(file), "--row", *ROWS)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            figures = json.loads(file.read_text())
        self.assertEqual([f["row"] for f in figures], list(FIGURES))
        for figure in figures:
            unit, goal = FIGURES[figure["row"]]
            self.assertGreater(figure["ours"], 0)
            self.assertGreater(figure["ceiling"], 0)
            self.assertAlmostEqual(figure["ratio"], figure["ours"] / figure["ceiling"])
            self.assertEqual(figure["unit"], unit)
            self.assertEqual(figure.get("goal", ""), goal)
            self.assertIn(figure["row"], done.stdout)

    def test_a_row_that_cannot_be_measured_is_told_and_fails(self):
        done = self.run_bench("--row", ROWS[0], "--shopping-cart", "/no/such/service")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("/no/such/service could not be run", done.stdout)


if __name__ == "__main__":
    BENCH = sys.argv.pop(1)
    unittest.main()
