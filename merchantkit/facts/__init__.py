"""Facts: what the exports say, checked and kept in one embedded DuckDB file.

``schemas`` declares the tables, ``warehouse`` keeps them, ``intake`` fills them from exports and
``demo`` from a seed. Nothing here knows a rule, a threshold or a word of a page.
"""
