#!/usr/bin/env python3
"""A flame graph of a running service, as an SVG that shows in a browser and in a document. By perf,
which is in Debian's package linux-perf.

    build/release/bench/perdure_bench --row grpc_add_item_64 --slices 20 &
    perf record -F 499 --call-graph dwarf,16384 -p $(pgrep -n shopping_cart) -- sleep 5
    perf script --no-inline | bench/flame_graph.py --title "64 calls" > flame.svg

At the bottom stands a root for each thread name, above each function those that it called, the
biggest on the left. A width is a share of the samples, of which a service has next to none while a
ceiling has its turn. Under the mouse a browser shows the full name and the share.
"""

import argparse
import re
import sys
from html import escape

WIDTH, ROW, LETTER = 1200, 17, 6.7  # pixels; a letter of the font below, 11 px high
NAME_MAX, KERNEL_MAX = 240, 8  # letters of a full name; frames of the kernel, the outermost
SAMPLE = re.compile(r"(\S.*?)\s+[\d/]+\s+(?:\[\d+\]\s+)?[\d.]+:\s")
FRAME = re.compile(r"\s+[0-9a-f]+ (.+?)(?:\+0x[0-9a-f]+)? \(([^()]*(?:\([^()]*\))?)\)$")
# What every thread and every system call begins with tells nothing.
FIRST = {"clone3", "start_thread", "entry_SYSCALL_64_after_hwframe", "do_syscall_64"}
# Whose code a frame is, by the file that perf names beside it: the first that fits.
OWNERS = [
    ("kernel", r"^\[(?!unknown)|\.ko", "#d9c2e9"),
    ("gRPC", r"libgrpc|libgpr|libabsl", "#a9d3f5"),
    ("RocksDB", r"librocksdb", "#f6c390"),
    ("protobuf", r"libprotobuf", "#f3e08c"),
    ("other libraries", r"\.so", "#d5d5cf"),
    ("the service", "", "#a5dba0"),
]


class Node:  # a function under one path of callers, and in how many samples it was
    def __init__(self, fill):
        self.samples, self.fill, self.called = 0, fill, {}


def path_of(frames):
    """From a thread's first function inwards, of frames as perf tells them: innermost first."""
    path, of_kernel = [], 0
    for symbol, place in reversed(frames):
        owner, fill = next((owner, fill) for owner, of, fill in OWNERS if re.search(of, place))
        library = place.rpartition("/")[2].partition(".so")[0].strip("[]")
        frame = (f"[{library}]" if symbol == "[unknown]" else symbol, fill)
        of_kernel += owner == "kernel"
        # Of a library without symbols one frame says enough, and none where it starts a thread.
        if of_kernel <= KERNEL_MAX and path[-1:] != [frame] and (path or symbol != "[unknown]"):
            path.append(frame)
    return path


def read(lines):
    """The samples of `perf script`: a line that names the thread, its frames, an empty line."""
    root, thread, frames = Node(None), None, []
    for line in [*lines, ""]:
        if found := FRAME.match(line):
            frames += [found.groups()] * (found[1] not in FIRST)
        elif found := SAMPLE.match(line):
            thread = found[1]
        elif thread and not line.strip():
            root.samples, node = root.samples + 1, root
            for name, fill in [(thread, OWNERS[-1][2]), *path_of(frames)]:
                node = node.called.setdefault(name, Node(fill))
                node.samples += 1
            thread, frames = None, []
    return root


def short(name):
    """`entity_ready::handle`: class and function, without namespaces, templates and arguments.
    A lambda, alone or in a std::function, has the name of the function it was written in."""
    plain = name.replace("operator()", "operator call").replace("::{lambda", ": lambda")
    plain, ending, _ = plain.partition(": lambda")
    brackets = r"<[^<>()]*>|\([^<>()]*\)(?: const)?|\.(?:part|isra|constprop|cold)\b.*"
    while (bare := re.sub(brackets, "", plain)) != plain:
        plain = bare
    return re.search(r"(?:[\w~]+::)?(?:operator.*|[\w~]+|\[.*\]|)$", plain)[0] + ending


def drawn(node, left, level, least):
    """(name, node, first sample, level) of what is called, and above it what that calls."""
    for name, called in sorted(node.called.items(), key=lambda pair: -pair[1].samples):
        if called.samples >= least:
            yield name, called, left, level
            yield from drawn(called, left, level + 1, least)
        left += called.samples


def svg(root, title, least):
    """Lines of the picture. It has its own paper, so it is legible on a dark page too."""
    shown = list(drawn(root, 0, 1, root.samples * least / 100))
    height = (max((level for *_, level in shown), default=0) + 3) * ROW
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">'
    yield "<style>text{font:11px monospace}g rect{stroke:#fff;stroke-width:.6}</style>"
    yield f'<rect width="100%" height="100%" fill="#fff"/><text x="3" y="13">{escape(title)}</text>'
    for x, (owner, _, fill) in zip(range(3, WIDTH, 130), OWNERS):
        yield f'<rect x="{x}" y="20" width="11" height="11" fill="{fill}"/>'
        yield f'<text x="{x + 15}" y="30">{owner}</text>'
    for name, node, left, level in shown:
        x, width = (samples * WIDTH / root.samples for samples in (left, node.samples))
        y, share = height - level * ROW, f"{100 * node.samples / root.samples:.1f} %"
        yield f"<g><title>{escape(name[:NAME_MAX])}: {share}</title>"
        yield f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW}" fill="{node.fill}"/>'
        label, room = short(name) if level > 1 else f"{name} {share}", int((width - 4) / LETTER)
        label = label if len(label) <= room else label.rpartition("::")[2]
        label = escape(label if len(label) <= room else label[: room - 1] + "\u2026")
        yield f'<text x="{x + 3:.1f}" y="{y + 12}">{label}</text></g>' if room > 3 else "</g>"
    yield "</svg>"


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--title", default="share of processor time")
    options.add_argument("--least", type=float, default=0.3, help="percent; less is left out")
    given, samples = options.parse_args(), read(sys.stdin)
    if not samples.called:
        sys.exit("expected what `perf script` prints on standard input; there is no sample in it")
    print(*svg(samples, given.title, given.least), sep="\n")
