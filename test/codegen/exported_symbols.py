#!/usr/bin/env python3
"""exported_symbols.py [--nm NM] LIBRARY SYMBOL ...: the library defines exactly these for others."""

import argparse
import subprocess
import sys


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nm", default="nm")
    parser.add_argument("library")
    parser.add_argument("symbols", nargs="+")
    args = parser.parse_args()
    listing = subprocess.run([args.nm, "-D", "--defined-only", args.library], capture_output=True,
                             text=True, check=True).stdout
    exported = {line.split()[-1] for line in listing.splitlines()}
    for name in sorted(exported ^ set(args.symbols)):
        print(f"{name}: {'exported' if name in exported else 'missing'}")
    return exported != set(args.symbols)


if __name__ == "__main__":
    sys.exit(main())
