"""Write notebooks/*.ipynb anew from their scripts: ``python -m tests.notebooks [name …]``."""

import sys

from tests.notebooks.store import NOTEBOOKS, store


def main(names: list[str]) -> None:
    for script in sorted(NOTEBOOKS.glob("*.py")):
        if not names or script.stem in names:
            print(store(script).relative_to(NOTEBOOKS.parent))


if __name__ == "__main__":
    main(sys.argv[1:])
