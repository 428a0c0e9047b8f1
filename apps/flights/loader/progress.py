"""Shows how far the load is: a bar on a terminal, a line for each twentieth elsewhere."""

import sys
import time

BAR_WIDTH = 30
REDRAW_SECONDS = 0.2
PLAIN_STEPS = 20


class progress_display:
    def __init__(self, total, first, out=sys.stderr):
        self._total = total
        self._first = first
        self._out = out
        self._started = time.monotonic()
        self._drawn_at = 0.0
        self._bar_stands = False
        self._step = PLAIN_STEPS * first // max(total, 1)

    def show(self, position):
        if self._out.isatty():
            now = time.monotonic()
            if now - self._drawn_at >= REDRAW_SECONDS:
                self._drawn_at = now
                self._draw_bar(position)
        else:
            step = PLAIN_STEPS * position // self._total
            if step > self._step:
                self._step = step
                self.say(self._text(position))

    def say(self, text):
        """A line of its own; the bar goes on below it."""
        if self._bar_stands:
            self._out.write("\r\033[K")
            self._bar_stands = False
        print(f"flights-load: {text}", file=self._out, flush=True)

    def finish(self, position, retries):
        sent = position - self._first
        seconds = max(time.monotonic() - self._started, 1e-9)
        self.say(
            f"{sent:,} commands answered in {seconds:.1f} s, {sent / seconds:,.0f} a second; "
            f"{retries:,} tried again"
        )

    def _text(self, position):
        rate = (position - self._first) / max(time.monotonic() - self._started, 1e-9)
        left = f"{(self._total - position) / rate:,.0f} s left" if rate else "no answer yet"
        percent = 100 * position // self._total
        return f"{position:,} of {self._total:,} ({percent} %), {rate:,.0f} a second, {left}"

    def _draw_bar(self, position):
        full = BAR_WIDTH * position // self._total
        self._out.write(f"\r[{'#' * full}{'.' * (BAR_WIDTH - full)}] {self._text(position)}\033[K")
        self._out.flush()
        self._bar_stands = True
