"""What travels between a run and the workers of a cluster: plain data."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import merchantkit
from merchantkit.assessment import excerpt
from merchantkit.briefing import atomic
from merchantkit.briefing.failures import Failure
from merchantkit.briefing.hashes import kit_digest, libraries_here
from merchantkit.briefing.job import Job, Made, Rehearsals
from merchantkit.briefing.places import ASSESSMENT, Places

_REHEARSAL = "rehearsal"


@dataclass(frozen=True)
class Kit:
    """Which kit a process runs, and on what.

    Attributes:
        version: The kit's.
        digest: Of its files, whatever its version says.
        python: The minor version, such as ``3.11``.
        libraries: The name and version of each that shapes a page. Not a mapping: so it has a
            default that is also there when a worker's kit, an older one, does not tell of it.
    """

    version: str
    digest: str
    python: str = ""
    libraries: tuple[tuple[str, str], ...] = ()

    def beside(self, here: "Kit") -> str:
        """Say what differs in this kit, a worker's, from a run's."""
        mine, theirs = here._parts(), self._parts()
        differing = [
            f"{name} {theirs[name] or 'none'} there, {ours or 'none'} here"
            for name, ours in mine.items()
            if name in theirs and theirs[name] != ours
        ]
        # The digest may cover the libraries, too: it tells of the files only where these agree.
        return "; ".join(differing) or (
            f"other files of merchantkit {self.version}"
            f" ({self.digest[:12]} there, {here.digest[:12]} here)"
        )

    def _parts(self) -> dict[str, str]:
        python = {"Python": self.python} if self.python else {}
        return {"merchantkit": self.version, **python, **dict(self.libraries)}


def this_kit() -> Kit:
    """Return the kit of this process."""
    return Kit(
        merchantkit.__version__,
        kit_digest(),
        f"{sys.version_info.major}.{sys.version_info.minor}",
        tuple(libraries_here().items()),
    )


@dataclass(frozen=True)
class Luggage:
    """What every page of a run needs; a worker is given it once.

    Attributes:
        notebook: The run's briefing notebook.
        rules: The files of the run's rules, by their place among them.
        assessment: What every briefing reads of the month's assessment.
        rehearsals: What a worker runs once, and the files that it reads, by place.
    """

    kit: Kit
    notebook: bytes
    rules: excerpt.Files
    assessment: excerpt.Files
    rehearsals: Rehearsals
    rehearsed: excerpt.Files

    def unpack(self, folder: Path) -> None:
        """Write all of it into a worker's own folder."""
        parts = {"rules": self.rules, _REHEARSAL: self.rehearsed}
        files = {
            f"{part}/{name}": text for part, some in parts.items() for name, text in some.items()
        }
        for name, content in {**files, "briefing.ipynb": self.notebook}.items():
            atomic.write_beside(folder / name, content)

    def rehearsals_in(self, folder: Path) -> Rehearsals:
        """Return what to rehearse, as it lies in a worker's own folder."""
        if self.rehearsals is None:
            return None
        return [
            replace(
                job, notebook=folder / "briefing.ipynb", cwd=folder / _REHEARSAL,
                scratch=folder / _REHEARSAL / job.scratch.name,
            )
            for job in self.rehearsals
        ]  # fmt: skip


@dataclass(frozen=True)
class Order:
    """A page to be made, and what it reads that is its merchant's own.

    Neither is shown: a worker of Dask writes what a failed task was given into its log.
    """

    job: Job = field(repr=False)
    mine: excerpt.Files = field(repr=False)

    def unpack(self, folder: Path, luggage: Luggage, shared: Path) -> Job:
        """Lay out a month of one merchant, and return the job as it is to be done there.

        Args:
            folder: A folder for this page alone.
            luggage: The run's.
            shared: Where that was unpacked.
        """
        excerpt.lay_out(folder / ASSESSMENT, luggage.assessment, self.mine)
        (folder / ASSESSMENT).with_name("rules").symlink_to(shared / "rules", True)
        return replace(
            self.job, notebook=shared / "briefing.ipynb", cwd=folder, scratch=folder / "made"
        )


@dataclass(frozen=True)
class Parcel:
    """What became of an order.

    Attributes:
        made: Its counts, or its failure; None if it came to no end, and is to be tried again.
        lost: Why it came to none.
        at: The name of the worker on which it came to none, if that is known.
        html: The page.
        ipynb: The executed notebook.
    """

    made: Made | None
    lost: Failure | None = None
    at: str = ""
    html: bytes = b""
    ipynb: bytes = b""


def packed(job: Job) -> Order:
    """Return a briefing's order, with its merchant's part of the month in whose folder it runs."""
    return Order(job, excerpt.of_merchant(job.cwd / ASSESSMENT, job.key[1]))


def luggage(where: Places, notebook: Path, rehearsals: Rehearsals) -> Luggage:
    """Return what every briefing of a run needs."""
    rehearsed: Mapping[str, bytes] = {}
    if rehearsals:
        # Briefings read slices, not whole frames.
        rehearsed = _files(rehearsals[0].cwd, [".tsv", ".json", ".yaml"])
    return Luggage(
        this_kit(), notebook.read_bytes(), _files(where.rules, [".yaml"]),
        excerpt.common(where.assessment), rehearsals, rehearsed,
    )  # fmt: skip


def _files(folder: Path, kinds: Sequence[str]) -> dict[str, bytes]:
    found = sorted(file for file in folder.rglob("*") if file.suffix in kinds)
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in found}
