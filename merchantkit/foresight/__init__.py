"""Looking ahead and back: compositions of ``measure`` and ``assess`` with one thing changed."""
