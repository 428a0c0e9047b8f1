"""Writes the files that a document shows: each code block that follows `<!-- file: NAME -->`. Of
several with one name the last is the file.

usage: cut_out.py DOCUMENT.md FOLDER
"""

import pathlib
import re
import sys

BLOCK = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def main(document: str, folder: str) -> None:
    blocks = BLOCK.findall(pathlib.Path(document).read_text(encoding="utf-8"))
    if not blocks:
        sys.exit(f"{document}: no code block follows a line <!-- file: NAME -->")
    for name, text in dict(blocks).items():
        target = pathlib.Path(folder, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
