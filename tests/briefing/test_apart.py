"""What one merchant's notebook knows is nowhere in the next one's; ways to run one are the same."""

import json
from pathlib import Path

import pytest

from merchantkit.briefing import Limits
from merchantkit.briefing.engine import fitness
from merchantkit.briefing.slugs import slug
from tests.briefing.world import Notes, World

pytestmark = pytest.mark.slow

FIRST, SECOND = "CANARYid0", "second"
NAME, USD = "CANARYname Ltd", "27182.81"

# In two halves, so that what looks for it does not find itself.
HALVES = {"variable": 11, "environment": 22, "module": 33, "builtins": 44, "output": 55, "disk": 66}
LEAK = f"""
import builtins, gc, json, os, sys
canary = {{name: "CANARY" + name + str(number) for name, number in {HALVES}.items()}}
variable = canary["variable"] * 1000
os.environ["LEAK"] = canary["environment"]
json.leak = [canary["module"]] * 1000
builtins.leak = canary["builtins"]
print(canary["output"], file=sys.stderr)
Path("leak").write_text(canary["disk"])
os.unlink("leak")
read = [str(mine("merchants")), str(mine("rfq.measures"))] * 1000
"""
# Its own memory, byte for byte, is all that a process can ever reach.
SEEK = f"""
import builtins, json, os
words = {{name: (b"CAN", b"ARY" + name.encode() + str(n).encode()) for name, n in {HALVES}.items()}}
words["amount"] = (b"2718", b"2.81")
words["id"] = (b"CANA", b"RYid0")
words["name"] = (b"CANA", b"RYname Ltd")
words["name of its own"] = (b"sec", b"ond")
found, held = set(), 0
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps:
        place, may, *_ , file = (line.rstrip() + " -").split(" ", 5)[0:2] + [line[73:].strip()]
        if not may.startswith("r") or file.startswith("[v"):
            continue
        start, end = (int(part, 16) for part in place.split("-"))
        while start < end:
            memory.seek(start)
            try:
                piece = memory.read(min(end - start, 1 << 24))
            except OSError:
                break
            if not piece:
                break
            held += len(piece)
            for name, (head, tail) in words.items():
                at = piece.find(head)
                while at >= 0:
                    if piece[at + len(head):at + len(head) + len(tail)] == tail:
                        found.add(name)
                        break
                    at = piece.find(head, at + 1)
            del piece
            start += 1 << 24
Path({{file!r}}).write_text(json.dumps({{
    "found": sorted(found), "bytes": held, "parent": os.getppid(),
    "reached": [hasattr(json, "leak"), hasattr(builtins, "leak"), "LEAK" in os.environ],
}}))
"""


def test_nothing_that_a_notebook_read_or_made_is_in_the_next_ones_memory(tmp_path: Path) -> None:
    world = World(tmp_path / "w")
    seen = {who: tmp_path / f"{who}.json" for who in (FIRST, SECOND)}
    for who in (FIRST, SECOND):
        world.merchant(who, NAME if who == FIRST else "Other Ltd")
    world.sale(FIRST, USD)
    # The first looks, too: what it is to find shows that looking finds.
    seek = {who: SEEK.replace("{file!r}", repr(str(seen[who]))) for who in seen}
    world.trouble(FIRST, LEAK + seek[FIRST])
    world.trouble(SECOND, seek[SECOND])
    # To look through all of its memory takes a cell long where others are at work, too.
    assert world.report(workers=1, limits=Limits(cell=100, notebook=120)).exit_code == 0
    first, second = (json.loads(seen[who].read_text()) for who in (FIRST, SECOND))
    assert first["parent"] == second["parent"]  # one worker made both, in this order
    assert seen[FIRST].stat().st_mtime_ns < seen[SECOND].stat().st_mtime_ns
    assert set(first["found"]) >= {*HALVES, "amount", "id", "name"}
    assert first["reached"] == [True, True, True]
    assert second["bytes"] > 20 << 20
    assert second["found"] == ["name of its own"]
    assert second["reached"] == [False, False, False]
    for file in (world.month / "m" / slug(SECOND)).iterdir():
        text = file.read_text("utf-8")
        assert [word for word in ("CANARY", "27182") if word in text] == []


DRAWS = """
import random, uuid, numpy
from pathlib import Path
asked = get_ipython().kernel.get_parent("shell")["header"]
drawn = [asked["session"], asked["msg_id"], random.random(), uuid.uuid4(), numpy.random.random()]
Path(f"../../drawn-{merchant_id}").write_text("\\n".join(map(str, drawn)))
"""


def test_chance_is_each_pages_own(tmp_path: Path) -> None:
    world = World(tmp_path)
    merchants = [f"m{number}" for number in range(9)]  # for one worker, which is then warm
    for merchant in merchants:
        world.merchant(merchant)
        world.trouble(merchant, DRAWS)
    assert world.report(workers=1).exit_code == 0
    drawn = [(tmp_path / f"drawn-{merchant}").read_text().split("\n") for merchant in merchants]
    assert [len(set(kind)) for kind in zip(*drawn, strict=True)] == [len(merchants)] * 5


SHOWS = """
import decimal, isoduration, jsonschema, random, rfc3987_syntax, sys, warnings
told = (("http://a b", "iri"), ("http://a/b", "iri"), ("a while", "duration"))
forms = [f"{form} {jsonschema.FormatChecker().conforms(text, form)}" for text, form in told]
print("printed", *forms, sep="\\n")
print("said", file=sys.stderr)
display({"text/html": "<b>shown</b>", "text/plain": "shown"}, raw=True)
display(HTML("<i>at last</i>"), display_id="one")
print(sorted({"a", "b", "c"}), decimal.getcontext().prec, __name__)
"""


def test_kernels_of_their_own_make_the_same_pages_and_it_is_said_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In a checkout somebody may save a file of the kit between two runs.
    monkeypatch.setattr("merchantkit.briefing.tasks.kit_digest", lambda: "kit")
    world = World(tmp_path / "w")
    for merchant in ("plain", "shows"):
        world.merchant(merchant)
        world.sale(merchant, USD)
    world.trouble("shows", SHOWS)
    forked, asked, forced = (Notes() for _ in range(3))

    def pages(out: str, progress: Notes, **given: bool) -> dict[str, bytes]:
        folder = world.root / out
        assert world.report(out=folder, progress=progress, **given).exit_code == 0
        files = [path for path in folder.rglob("*") if path.suffix in (".html", ".ipynb")]
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    expected = pages("forked", forked)
    assert len(expected) == 2 * 3 + 2  # two briefings and the portfolio, and the two lists
    shown = expected[f"2021-05/m/{slug('shows')}/briefing.zh.html"].decode()
    assert "printed" in shown
    assert "iri False\niri True\nduration False\n" in shown
    assert pages("asked", asked, stock_kernels=True) == expected
    monkeypatch.setattr(fitness, "has_fork", lambda: False)
    assert pages("forced", forced) == expected
    assert (forked.said, asked.said) == ([], [])
    (why,) = forced.said
    assert why.startswith("each page runs in a kernel of its own, which takes longer: ")
    assert why.endswith("has no fork that is fit for it")
