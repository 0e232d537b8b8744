"""The same pages on a cluster: a real scheduler and real workers on loopback."""
