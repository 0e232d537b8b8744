"""How the property tests run: the same examples every time, and not too many."""

from hypothesis import HealthCheck, settings

modest = settings(
    derandomize=True,
    deadline=None,
    max_examples=50,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
few = settings(modest, max_examples=20)
# Also where a test says nothing: a busy machine is no reason to fail, nor a drawn number.
settings.register_profile("house", modest)
settings.load_profile("house")
