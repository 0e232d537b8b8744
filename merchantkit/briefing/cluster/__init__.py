"""The same pages on other machines: what travels, what becomes of it there, and who hands it out.

Needs the extra ``cluster``. A page's job goes out with all that its briefing reads, and comes back
as bytes: workers share no disk with the run, and only the run writes pages and records.
"""

from merchantkit.briefing.cluster.dispatch import Cluster

__all__ = ["Cluster"]
