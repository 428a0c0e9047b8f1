"""Relative links in documents lead somewhere, headings included."""

import posixpath
import re
import urllib.parse

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def without_code(text):
    return re.sub(r"`[^`\n]*`", "", CODE_BLOCK.sub("", text))


def anchors(text):
    """Of the headings, as the usual viewers of Markdown make them."""
    for heading in re.findall(r"^#+ +(.*)$", CODE_BLOCK.sub("", text), re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", heading.lower())
        yield plain.strip().replace(" ", "-")


def check(tree):
    for path in tree.files(".md"):
        for found in LINK.findall(without_code(tree.text(path))):
            link = found[0] or found[1]
            if re.match(r"[a-z]+:", link):
                continue
            target, _, anchor = urllib.parse.unquote(link).partition("#")
            place = (
                posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
                if target
                else path
            )
            if place.startswith("..") or not (tree.has(place) or tree.has_folder(place)):
                yield f"{path}: the link {link} leads nowhere in the project"
            elif anchor and place.endswith(".md") and anchor not in anchors(tree.text(place)):
                yield f"{path}: {place} has no heading for #{anchor}"


EXAMPLES = [
    (
        {
            "a.md": "[b](docs/b.md#the-way-of-x) [c](docs/) [d](#top) [w](https://x.y/z)\n"
            "`[n](o)`\n# Top\n",
            "docs/b.md": "## The way of `x`\n[a](../a.md)\n",
        },
        None,
    ),
    ({"a.md": "[b](docs/b.md)\n"}, "docs/b.md leads nowhere"),
    ({"a.md": "[b](../b.md)\n"}, "../b.md leads nowhere"),
    ({"a.md": "[b](b.md#x)\n", "b.md": "# Y\n"}, "no heading for #x"),
]
