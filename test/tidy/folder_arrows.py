"""Which folder may include which: the table in docs/ARCHITECTURE.md is the rule."""

from tree import code, includes, is_generated, rows

DESIGN = "docs/ARCHITECTURE.md"
PUBLIC = "include/perdure/"


def arrows(tree):
    """Folder -> folders it may include, or None for all."""
    table = {}
    for folder, _, may_include in rows(tree.text(DESIGN), "folder", "holds", "may include"):
        for name in code(folder):
            table[name] = None if "everything" in may_include else code(may_include)
    return table


def folder_of(path, folders):
    """The longest of these folders that holds the path."""
    return max((f for f in folders if path.startswith(f)), key=len, default=None)


def target_of(tree, path, included):
    """The file that an include in quotes names, or None."""
    beside = path.rpartition("/")[0] + "/" + included
    for candidate in (included, "include/" + included, beside):
        if tree.has(candidate):
            return candidate
    return None


def check(tree):
    table = arrows(tree)
    if not table:
        yield f"{DESIGN}: no table | folder | holds | may include |"
        return
    for path in tree.files(".hpp", ".cpp"):
        own = folder_of(path, table)
        if own is None:
            yield f"{path}: its folder is not in the table of {DESIGN}"
            continue
        if table[own] is None:
            continue
        for number, included, quoted in includes(tree, path):
            if own == PUBLIC:
                yield from public_breaches(path, number, included, quoted)
            elif quoted and not is_generated(included):
                yield from breaches(tree, table, path, own, number, included)


def breaches(tree, table, path, own, number, included):
    target = target_of(tree, path, included)
    if target is None:
        yield f'{path}:{number}: "{included}" names no file of the project'
        return
    folder = folder_of(target, table)
    # The samples share a row, and yet no sample may include another.
    depth = 2 if own == "apps/" else own.count("/")
    is_own = target.split("/")[:depth] == path.split("/")[:depth]
    if not is_own and folder != PUBLIC and folder not in table[own]:
        yield f"{path}:{number}: {own} may not include {folder or target} ({DESIGN})"


def public_breaches(path, number, included, quoted):
    """Users compile these: nothing but the standard library, protobuf and each other."""
    allowed = (
        included.startswith("perdure/")
        if quoted
        else (
            "/" not in included
            and not included.endswith(".h")
            or included.startswith("google/protobuf/")
        )
    )
    if not allowed:
        yield f"{path}:{number}: the public API may not include {included}"


_DESIGN_TEXT = """
| folder | holds | may include |
| --- | --- | --- |
| `include/perdure/` | the public API | - |
| `base/` | ids | - |
| `persistence/` | steps | `base/` |
| `actors/` | entities | `persistence/`, `base/` |
| `apps/runtime/` | main | everything |
| `apps/` | samples | - |
"""


def _example(path, text, **others):
    files = {
        DESIGN: _DESIGN_TEXT,
        "base/ids.hpp": "",
        "actors/router.hpp": "",
        "persistence/step.hpp": "",
        "include/perdure/status.hpp": "",
        "apps/a/a.hpp": "",
    }
    return {**files, path: text}


EXAMPLES = [
    (
        _example(
            "actors/a.cpp", '#include "persistence/step.hpp"\n#include "perdure/status.hpp"\n'
        ),
        None,
    ),
    (_example("apps/runtime/a.cpp", '#include "actors/router.hpp"\n'), None),
    (
        _example("apps/a/a.cpp", '#include "a.hpp"\n#include "x.perdure.hpp"\n#include <vector>\n'),
        None,
    ),
    (
        _example("persistence/a.cpp", '#include "actors/router.hpp"\n'),
        "persistence/ may not include actors/",
    ),
    (_example("apps/b/b.cpp", '#include "base/ids.hpp"\n'), "apps/ may not include base/"),
    (_example("apps/b/b.cpp", '#include "apps/a/a.hpp"\n'), "apps/ may not include apps/"),
    (_example("base/a.cpp", '#include "base/idz.hpp"\n'), "names no file"),
    (_example("views/a.cpp", ""), "not in the table"),
    (
        _example(
            "include/perdure/a.hpp", "#include <vector>\n#include <google/protobuf/message.h>\n"
        ),
        None,
    ),
    (_example("include/perdure/a.hpp", "#include <caf/all.hpp>\n"), "may not include caf/all.hpp"),
    (
        _example("include/perdure/a.hpp", '#include "base/ids.hpp"\n'),
        "may not include base/ids.hpp",
    ),
    ({DESIGN: "no table"}, "no table"),
]
