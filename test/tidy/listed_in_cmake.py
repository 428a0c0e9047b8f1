"""Every source, .proto and public header is named in a CMakeLists.txt above it, and every
CMakeLists.txt is added by one, so nothing is silently left out of the build."""

import pathlib
import re


def is_named(text, path):
    return re.search(r"(?<![\w./-])" + re.escape(path) + r"(?![\w./-])", text) is not None


def is_listed(tree, path):
    for folder in pathlib.PurePosixPath(path).parents:
        lists = (folder / "CMakeLists.txt").as_posix()
        if tree.has(lists) and is_named(
            tree.text(lists), pathlib.PurePosixPath(path).relative_to(folder).as_posix()
        ):
            return True
    # Part of every test executable, so it is the function that names it.
    return any("/" + path + '"' in tree.text(module) for module in tree.files(".cmake"))


def is_added(tree, path):
    folder = pathlib.PurePosixPath(path).parent
    for above in folder.parents:
        added = f"add_subdirectory({folder.relative_to(above)})"
        if added in tree.text((above / "CMakeLists.txt").as_posix()):
            return True
    # The top of a project is added by nobody.
    return re.search(r"^project\(", tree.text(path), re.MULTILINE) is not None


def check(tree):
    for path in tree.files("CMakeLists.txt"):
        if not is_added(tree, path):
            yield f"{path}: no CMakeLists.txt above it adds its folder"
    headers = [p for p in tree.files(".hpp") if p.startswith("include/")]
    for path in tree.files(".cpp", ".proto") + headers:
        if not is_listed(tree, path):
            yield f"{path}: no CMakeLists.txt names it"


_TOP = {"CMakeLists.txt": "project(x)\nadd_subdirectory(a)\n"}

EXAMPLES = [
    ({**_TOP, "a/CMakeLists.txt": "", "b/CMakeLists.txt": ""}, "b/CMakeLists.txt: no CMakeLists"),
    ({**_TOP, "a/CMakeLists.txt": "add_library(a x.cpp)", "a/x.cpp": ""}, None),
    ({**_TOP, "a/CMakeLists.txt": "add_library(a y/x.cpp)", "a/y/x.cpp": ""}, None),
    (
        {
            "cmake/t.cmake": 'add_executable(t "${PROJECT_SOURCE_DIR}/test/main.cpp")',
            "test/main.cpp": "",
        },
        None,
    ),
    ({"a/CMakeLists.txt": "add_library(a xx.cpp)", "a/x.cpp": ""}, "a/x.cpp: no CMakeLists.txt"),
    ({"a/x.proto": ""}, "a/x.proto"),
    (
        {"include/perdure/x.hpp": "", "include/perdure/CMakeLists.txt": "FILES y.hpp"},
        "include/perdure/x.hpp",
    ),
]
