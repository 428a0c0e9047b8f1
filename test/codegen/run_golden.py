#!/usr/bin/env python3
"""One golden case of the generator: golden/<case>/*.proto in, files or an error out.

    run_golden.py --protoc P --plugin P --import DIR CASE_DIR     compare
    run_golden.py ... --update CASE_DIR                           take what comes as expected
    run_golden.py --list GOLDEN_DIR CASE ...                      is every case in ctest?

What is expected stands in CASE_DIR/expected/ (exactly these files) or in CASE_DIR/expected_error.txt
(exactly what protoc prints); a case has one of the two. With files protoc prints nothing of ours, or what
stands in CASE_DIR/expected_warnings.txt. What stands in CASE_DIR/imported/ is there to be imported,
and not given to protoc.
"""

import argparse
import difflib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PROTOCS_OWN = re.compile(r": warning: Import .* is unused")


def run_protoc(args, case, out):
    """The generated files by name, or None and what protoc printed."""
    imported = case / "imported"
    protos = sorted(str(p.relative_to(case)) for p in case.rglob("*.proto")
                    if imported not in p.parents)
    if not protos:
        sys.exit(f"{case}: holds no .proto file")
    done = subprocess.run(
        [args.protoc, f"--plugin=protoc-gen-perdure={args.plugin}", f"--perdure_out={out}",
         f"-I{case}", *([f"-I{imported}"] if imported.exists() else []), *(f"-I{d}" for d in args.imports), *protos],
        capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None, done.stderr
    files = sorted(p for p in pathlib.Path(out).rglob("*") if p.is_file())
    ours = [line for line in done.stderr.splitlines(True) if not PROTOCS_OWN.search(line)]
    return {str(p.relative_to(out)): p.read_text() for p in files}, "".join(ours)


def expected_of(case):
    error = case / "expected_error.txt"
    folder = case / "expected"
    if error.exists() == folder.exists():
        sys.exit(f"{case}: needs either expected/ or expected_error.txt")
    if error.exists():
        return {"expected_error.txt": error.read_text()}
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    expected = {str(p.relative_to(folder)): p.read_text() for p in files}
    warnings = case / "expected_warnings.txt"
    return expected | ({"expected_warnings.txt": warnings.read_text()} if warnings.exists() else {})


def came_of(files, printed):
    if files is None:
        return {"expected_error.txt": printed}
    return files | ({"expected_warnings.txt": printed} if printed else {})


def update(case, files, printed):
    shutil.rmtree(case / "expected", ignore_errors=True)
    for name in ("expected_error.txt", "expected_warnings.txt"):
        (case / name).unlink(missing_ok=True)
    for name, content in came_of(files, printed).items():
        path = case / name if name.endswith(".txt") else case / "expected" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def compare(expected, came):
    failed = False
    for name in sorted(expected.keys() | came.keys()):
        if name not in came:
            print(f"{name}: expected, but not written")
        elif name not in expected:
            print(f"{name}: written, but not expected")
            print(came[name])
        elif expected[name] != came[name]:
            sys.stdout.writelines(
                difflib.unified_diff(expected[name].splitlines(True), came[name].splitlines(True),
                                     f"expected {name}", f"came {name}"))
        else:
            continue
        failed = True
    return failed


def check_list(golden, listed):
    on_disk = {p.name for p in golden.iterdir() if p.is_dir()}
    for name in sorted(on_disk - set(listed)):
        print(f"{name}: add it to CASES in test/codegen/CMakeLists.txt, so that it is run")
    for name in sorted(set(listed) - on_disk):
        print(f"{name}: is in CASES but not in {golden}")
    return on_disk != set(listed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--protoc", default="protoc")
    parser.add_argument("--plugin")
    parser.add_argument("--import", dest="imports", action="append", default=[])
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("listed", nargs="*")
    args = parser.parse_args()
    if args.list:
        return check_list(args.folder, args.listed)
    with tempfile.TemporaryDirectory() as out:
        files, printed = run_protoc(args, args.folder, out)
    if args.update:
        update(args.folder, files, printed)
        return False
    return compare(expected_of(args.folder), came_of(files, printed))


if __name__ == "__main__":
    sys.exit(main())
