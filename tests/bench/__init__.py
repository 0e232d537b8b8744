"""Speed as ratios against the stock tools, run in the same minutes: ``python -m tests.bench``."""
