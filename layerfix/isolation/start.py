"""The file that a child's interpreter is started with (`python -I -S start.py PLACES ...`): it sets the import path, then works."""

from __future__ import annotations

import json
import sys

if __name__ == "__main__":
    sys.path += [place for place in json.loads(sys.argv.pop(1)) if place not in sys.path]
    from layerfix.isolation.worker import main

    main()
