"""`python -m layerfix`."""

import sys

if __name__ == "__main__":
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        del sys.path[0]  # Python puts the current folder first; nothing there is ours to import
    from layerfix.cli import main

    main()
