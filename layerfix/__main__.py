"""`python -m layerfix`."""

from layerfix.cli import main

if __name__ == "__main__":
    main()
