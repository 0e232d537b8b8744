"""The sections of a briefing, one module per programme: what is said, shown and tabled."""
