#!/usr/bin/env python3
"""Who follows the tutorial puts its files into apps/ and test/, and the project still configures.

    followed_test.py FOLDER_OF_THE_TUTORIAL'S_FILES CMAKE_ARGUMENT...
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SERVICE = pathlib.Path(sys.argv.pop(1))
ARGUMENTS = [sys.argv.pop(1) for _ in sys.argv[1:]]


def linked(to, of, but):
    """The folder again, with links to what is in it."""
    to.mkdir()
    for entry in of.iterdir():
        if entry.name not in but:
            (to / entry.name).symlink_to(entry)


def with_loyalty(lists):
    return lists.read_text() + "add_subdirectory(loyalty)\n"


class Followed(unittest.TestCase):
    def test_a_readers_files_stand_beside_ours(self):
        with tempfile.TemporaryDirectory(prefix="perdure-test-") as folder:
            project = pathlib.Path(folder) / "perdure"
            linked(project, ROOT, {"apps", "build", ".git"})
            linked(project / "apps", ROOT / "apps", {"CMakeLists.txt"})
            (project / "apps" / "loyalty").symlink_to(SERVICE)
            (project / "apps" / "CMakeLists.txt").write_text(
                with_loyalty(ROOT / "apps" / "CMakeLists.txt"))
            done = subprocess.run(["cmake", "-S", project, "-B", f"{folder}/build", *ARGUMENTS],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
