"""Names of the arguments of each function of Keras 2.2.4's backend, as backend_names.json.

<python with Keras 2.2.4> make_backend_names.py > backend_names.json
"""

import inspect
import json
import sys

from keras import backend


def main():
    functions = {name: item for name, item in vars(backend).items() if inspect.isfunction(item) and not name.startswith("_")}
    named = {name: list(inspect.signature(item).parameters) for name, item in functions.items()}
    lines = ["%s: %s" % (json.dumps(name), json.dumps(named[name])) for name in sorted(named)]
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
