"""`python -m layerfix`, and the `layerfix` script."""

import gc
import signal
import sys


def main() -> None:
    """Begins so that Ctrl-C ends the process without a word until there is something to tidy up."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.set_threshold(20_000)  # a short life makes little garbage, and looking for it after each 700 objects takes long
    from layerfix.cli import main

    main()


if __name__ == "__main__":
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        del sys.path[0]  # Python puts the current folder first; nothing there is ours to import
    main()
