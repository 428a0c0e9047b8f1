"""The project has one version: CMakeLists.txt and include/perdure/version.hpp agree."""

import re

PLACES = {
    "CMakeLists.txt": r"project\(\s*Perdure\s+VERSION\s+([\d.]+)",
    "include/perdure/version.hpp": r'#define PERDURE_VERSION "([^"]*)"',
}


def check(tree):
    found = {}
    for path, pattern in PLACES.items():
        match = re.search(pattern, tree.text(path))
        if match:
            found[path] = match[1]
        else:
            yield f"{path}: no version; expected {pattern}"
    if len(set(found.values())) > 1:
        yield f"the versions differ: {found}"


def _example(project, header):
    return {
        "CMakeLists.txt": f"project(Perdure VERSION {project} LANGUAGES CXX)",
        "include/perdure/version.hpp": f'#define PERDURE_VERSION "{header}"\n',
    }


EXAMPLES = [
    (_example("1.2.3", "1.2.3"), None),
    (_example("1.2.3", "1.2.4"), "differ"),
    ({**_example("1.2.3", ""), "CMakeLists.txt": ""}, "no version"),
]
