"""Tariff schedules: published files, kept in the warehouse as named, dated editions side by side.

An edition is reference, not a merchant's fact: a demo does not clear it, and forgetting a merchant
does not touch it.
"""

from merchantkit.facts.declared.tariff import EXCERPT
from merchantkit.facts.tariff.editions import Edition, Loaded, editions, load, rows_of
from merchantkit.facts.tariff.excerpt import excerpt

__all__ = ["EXCERPT", "Edition", "Loaded", "editions", "excerpt", "load", "rows_of"]
