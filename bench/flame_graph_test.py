"""From what perf prints to names and widths: threads, libraries, callers, and what is left out."""

import pathlib
import subprocess
import sys
import unittest
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
FLAME_GRAPH = pathlib.Path(__file__).with_name("flame_graph.py")
START = [("start_thread+0x304", "/usr/lib/libc.so.6"), ("clone3+0x2b", "/usr/lib/libc.so.6")]
SERVICE = "/opt/shopping_cart"
LAMBDA = (
    "std::_Function_handler<void (perdure::status const&), perdure::actors::entity_ready::store("
    "std::function<void (int)>)::{lambda(perdure::status const&)#1}>::_M_invoke"
)


def sample(thread, *frames):
    """As `perf script` prints it; frames are innermost first."""
    lines = [f"{thread}  77/78 [001] 17.274827981:    2004008 cpu-clock:ppp: "]
    lines += [f"\t    7f{i:06x} {symbol} ({place})" for i, (symbol, place) in enumerate(frames)]
    return "\n".join([*lines, "", ""])


def boxes(samples, *options):
    """(left, width, text) by the title; left and width in percent of the picture."""
    done = subprocess.run([sys.executable, FLAME_GRAPH, *options], input="".join(samples),
                          capture_output=True, text=True, check=True)
    picture = ElementTree.fromstring(done.stdout)
    whole = float(picture.get("viewBox").split()[2])
    found = {}
    for box in picture.iter(SVG + "g"):
        rect, text = box.find(SVG + "rect"), box.findtext(SVG + "text")
        left, width = (round(100 * float(rect.get(key)) / whole) for key in ("x", "width"))
        found[box.findtext(SVG + "title")] = (left, width, text)
    return found


class FlameGraph(unittest.TestCase):
    def test_a_width_is_a_share_of_all_samples_under_its_thread(self):
        write = ("perdure::persistence::write(int)+0x1f", SERVICE)
        run = ("perdure::persistence::(anonymous namespace)::committer::run+0x2", SERVICE)
        synced = sample("commit", ("fdatasync+0x1", "/usr/lib/libc.so.6"), write, run, *START)
        written = sample("commit", write, run, *START)
        found = boxes([synced, sample("two words", run, *START), written, synced])
        self.assertEqual(found, {
            "commit: 75.0 %": (0, 75, "commit 75.0 %"),
            "perdure::persistence::(anonymous namespace)::committer::run: 75.0 %":
                (0, 75, "committer::run"),
            "perdure::persistence::write(int): 75.0 %": (0, 75, "persistence::write"),
            "fdatasync: 50.0 %": (0, 50, "fdatasync"),
            "two words: 25.0 %": (75, 25, "two words 25.0 %"),
            "perdure::persistence::(anonymous namespace)::committer::run: 25.0 %":
                (75, 25, "committer::run"),
        })

    def test_a_lambda_is_named_for_the_function_it_stands_in(self):
        found = boxes([sample("main", (LAMBDA, SERVICE))])
        self.assertEqual(found[f"{LAMBDA}: 100.0 %"], (0, 100, "entity_ready::store: lambda"))

    def test_a_library_without_symbols_is_one_frame(self):
        unknown = ("[unknown]", "/usr/lib/libgrpc.so.29.0.0")
        starts = ("[unknown]", "/usr/lib/libstdc++.so.6.0.30")
        found = boxes([sample("main", unknown, unknown, ("serve", SERVICE), starts, *START)])
        self.assertEqual(set(found), {"main: 100.0 %", "serve: 100.0 %", "[libgrpc]: 100.0 %"})

    def test_of_the_kernel_only_the_outermost_frames_are_shown(self):
        kernel = [(f"step_{i}+0x1", "[kernel.kallsyms]") for i in range(20)]
        found = boxes([sample("main", *kernel, ("send", SERVICE))])
        self.assertIn("step_12: 100.0 %", found)
        self.assertNotIn("step_11: 100.0 %", found)

    def test_what_is_smaller_than_the_least_is_left_out(self):
        samples = [sample("often", ("work", SERVICE))] * 9 + [sample("seldom", ("rest", SERVICE))]
        self.assertIn("rest: 10.0 %", boxes(samples, "--least", "10"))
        self.assertEqual(set(boxes(samples, "--least", "11")), {"often: 90.0 %", "work: 90.0 %"})

    def test_without_samples_it_fails_and_says_so(self):
        done = subprocess.run([sys.executable, FLAME_GRAPH], input="", capture_output=True,
                              text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no sample", done.stderr)


if __name__ == "__main__":
    unittest.main()
