"""``python -m merchantkit.cli``: the program, where its script is not on the path."""

from merchantkit.cli.app import main

main()
