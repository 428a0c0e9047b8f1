"""How many commands a target has acknowledged, kept between runs. Only saves time: what it says is
checked against the target, and a command sent again counts once."""

import json
import os
import re
import time

WRITE_SECONDS = 1


class progress_file:
    def __init__(self, folder, target, extent):
        name = re.sub(r"[^A-Za-z0-9.]", "_", target)
        self._path = folder / f"progress-{name}-{extent}.json"
        self._written_at = time.monotonic()

    def read(self):
        """0 when there is no file, or none that can be read."""
        try:
            acknowledged = json.loads(self._path.read_text())["acknowledged"]
        except (OSError, ValueError, KeyError, TypeError):
            return 0
        return acknowledged if isinstance(acknowledged, int) and acknowledged > 0 else 0

    def write(self, acknowledged):
        self._written_at = time.monotonic()
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps({"acknowledged": acknowledged}))
        os.replace(fresh, self._path)

    def write_now_and_then(self, acknowledged):
        if time.monotonic() - self._written_at >= WRITE_SECONDS:
            self.write(acknowledged)

    def remove(self):
        self._path.unlink(missing_ok=True)
