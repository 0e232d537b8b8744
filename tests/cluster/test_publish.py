"""Pages in a place that fsspec knows: whole, up to date, and nothing of the team's."""

from pathlib import Path
from typing import ClassVar

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from merchantkit.briefing import publish
from merchantkit.briefing.ledger import open_ledger
from merchantkit.briefing.oblivion import forget
from merchantkit.briefing.slugs import slug
from merchantkit.errors import ReportError
from tests.briefing.world import MONTH, World

pytestmark = pytest.mark.slow


class Unsteady(MemoryFileSystem):
    """A place that refuses what it is told to."""

    protocol = "unsteady"
    refused: ClassVar[set[str]] = set()

    def rm_file(self, path: str) -> None:
        if any(part in path for part in self.refused):
            raise OSError(f"refused: {path}")
        super().rm_file(path)

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **given: object) -> None:
        if any(part in path for part in self.refused):
            raise OSError(f"refused: {path}")
        super().pipe_file(path, value, mode=mode, **given)


class Growing(LocalFileSystem):
    """A place that shows a file as it grows, and makes no folder by itself, as sftp does."""

    protocol = "growing"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(path).removeprefix("growing://").rstrip("/")

    def mv(self, path1: str, path2: str, **given: object) -> None:
        if Path(path2).exists():  # some servers rename onto nothing that is there
            raise FileExistsError(path2)
        super().mv(path1, path2, **given)


class Hosted(MemoryFileSystem):
    """A place of which fsspec's paths do not tell the host, as sftp's and smb's do not."""

    protocol = "hosted"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.removeprefix("hosted://").partition("/")[2].strip("/")


fsspec.register_implementation("unsteady", Unsteady, clobber=True)
fsspec.register_implementation("hosted", Hosted, clobber=True)
fsspec.register_implementation("growing", Growing, clobber=True)


@pytest.fixture(autouse=True)
def _empty() -> None:
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]
    Unsteady.refused = set()


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world whose month was made, and published nowhere."""
    made = World(tmp_path_factory.mktemp("reported"))
    for merchant_id in ("1", "2", "3"):
        made.merchant(merchant_id, f"shop {merchant_id}")
        made.sale(merchant_id, "100.00")
    made.report()
    return made


@pytest.fixture
def world(reported: World, tmp_path: Path) -> World:
    return World(tmp_path / "world", of=reported)


def there(world: World) -> dict[str, bytes]:
    """Return what was published, by its place in the reports."""
    store = MemoryFileSystem.store
    return {name.removeprefix("unsteady://shop/"): file.getvalue() for name, file in store.items()}


def here(world: World) -> dict[str, bytes]:
    """Return what may be published, by its place in the reports."""
    files = [file for file in world.month.rglob("*") if file.is_file()]
    return {
        str(file.relative_to(world.out)): file.read_bytes()
        for file in files
        if "_team" not in file.parts
    }


def test_what_a_month_holds_is_published_but_for_the_teams_own(world: World) -> None:
    world.report(publish="unsteady://shop")
    assert there(world) == here(world)
    assert len(here(world)) == 2 * 3 + 1 + 1 + 3  # pages, notebooks, portfolio, index, assets


def test_only_what_changed_is_put_again(world: World) -> None:
    world.report(publish="unsteady://shop")
    MemoryFileSystem.store.clear()
    assert world.report(publish="unsteady://shop").executed == 0
    assert there(world) == {}
    world.sale("2", "5.00", number=2)
    assert world.report(publish="unsteady://shop").executed == 2
    changed = {f"{MONTH}/m/{slug('2')}/briefing.zh.{kind}" for kind in ("html", "ipynb")}
    assert changed <= set(there(world)) <= changed | {
        f"{MONTH}/portfolio.zh.html", f"{MONTH}/index.html",
    }  # fmt: skip


def test_a_place_that_refuses_is_named_and_what_was_made_is_kept(world: World) -> None:
    Unsteady.refused = {slug("2")}
    with pytest.raises(ReportError, match="pages cannot be put") as refused:
        world.report(publish="unsteady://shop")
    assert (refused.value.count, refused.value.where) == (2, "unsteady://shop")
    with open_ledger(world.month / "_team" / "ledger.sqlite") as ledger:
        assert {entry.state for entry in ledger.entries().values()} == {"done"}
    assert f"{MONTH}/m/{slug('1')}/briefing.zh.html" in there(world)
    Unsteady.refused = set()
    assert world.report(publish="unsteady://shop").executed == 0
    assert there(world) == here(world)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("file:///proc/nowhere", "pages cannot be put"),
        ("nothing://shop", "nothing can be published there"),
    ],
)
def test_a_place_that_cannot_be_reached_is_told_before_any_page_is_made(
    world: World, reported: World, url: str, said: str
) -> None:
    with pytest.raises(ReportError, match=said):
        world.report(publish=url)
    # Not even the facts were looked at again.
    assert world.tree() == reported.tree()


def test_a_folder_is_a_place_too(world: World, tmp_path: Path) -> None:
    world.report(publish=str(tmp_path / "share" / "reports"))
    put = tmp_path / "share" / "reports"
    files = {str(f.relative_to(put)): f.read_bytes() for f in put.rglob("*") if f.is_file()}
    assert files == here(world)


def test_who_is_forgotten_is_forgotten_there_too(world: World) -> None:
    world.report(publish="unsteady://shop")
    before = set(there(world))
    forget("2", out=world.out)
    mine = {f"{MONTH}/m/{slug('2')}/briefing.zh.{kind}" for kind in ("html", "ipynb")}
    lists = {f"{MONTH}/portfolio.zh.html", f"{MONTH}/index.html"}
    assert before - set(there(world)) == mine | lists


def test_no_folder_with_an_id_in_its_name_is_left_in_a_folder_of_pages(
    world: World, tmp_path: Path
) -> None:
    put = tmp_path / "share"
    world.report(publish=str(put))
    assert (put / MONTH / "m" / slug("2")).is_dir()
    forget("2", out=world.out)
    assert [folder.name for folder in (put / MONTH / "m").iterdir()] and not list(
        put.rglob(f"*{slug('2')}*")
    )


def test_a_merchant_that_the_facts_no_longer_hold_is_removed_there(world: World) -> None:
    world.report(publish="unsteady://shop")
    with world.warehouse.write() as connection:
        connection.execute("DELETE FROM merchants WHERE merchant_id = '3'")
    world.report(publish="unsteady://shop")
    assert there(world) == here(world)


def _lists(place: str) -> bool:
    return place.endswith(".html") and "/m/" not in place


@pytest.mark.parametrize("refused_there", [slug("2"), "index.html", "portfolio"])
def test_who_was_refused_to_be_forgotten_there_is_forgotten_the_next_time(
    world: World, refused_there: str
) -> None:
    world.report(publish="unsteady://shop")
    Unsteady.refused = {refused_there}
    with pytest.raises(ReportError, match="may hold the merchant") as refused:
        forget("2", out=world.out)
    assert "unsteady://shop" in str(refused.value.where)
    Unsteady.refused = set()
    forget("2", out=world.out)
    left = there(world)
    assert not [place for place in left if slug("2") in place or _lists(place)]


def test_who_was_never_published_goes_from_the_lists_there(world: World) -> None:
    world.report(publish="unsteady://shop")
    pages = [f"m/{slug('2')}/briefing.zh.{kind}" for kind in ("html", "ipynb")]
    with open_ledger(world.month / "_team" / "ledger.sqlite", create=True) as ledger:
        ledger.publish("unsteady://shop", dict.fromkeys(pages, ""))
    forget("2", out=world.out)
    assert not [place for place in there(world) if _lists(place)]


def test_two_hosts_are_two_places() -> None:
    urls = [publish.Shelf(f"hosted://{host}/reports").url for host in ("a", "reports")]
    assert urls == ["hosted://a/reports", "hosted://reports/reports"]
    assert [publish.Shelf(url).url for url in urls] == urls


def test_what_is_out_of_date_or_failed_stays_published_as_it_was(world: World) -> None:
    world.report(publish="unsteady://shop")
    before = there(world)
    for merchant_id in ("1", "2"):
        world.sale(merchant_id, "7.00", number=2)
    world.trouble("1", "1 / 0")
    world.report(merchants=["1"], publish="unsteady://shop")
    pages = [place for place in before if "/m/" in place]
    assert {place: there(world)[place] for place in pages} == {p: before[p] for p in pages}


def test_what_a_killed_run_had_under_way_is_put_again(world: World) -> None:
    world.report(publish="unsteady://shop")
    place = f"m/{slug('3')}/briefing.zh.html"
    with open_ledger(world.month / "_team" / "ledger.sqlite", create=True) as ledger:
        ledger.publish("unsteady://shop", {place: publish._UNDER_WAY})
    MemoryFileSystem.store.clear()
    world.report(publish="unsteady://shop")
    assert set(there(world)) == {f"{MONTH}/{place}"}
    # And who is forgotten meanwhile is so there, too.
    with open_ledger(world.month / "_team" / "ledger.sqlite", create=True) as ledger:
        ledger.publish("unsteady://shop", {place: publish._UNDER_WAY})
    forget("3", out=world.out)
    assert there(world) == {}


def test_a_place_of_growing_files_gets_whole_ones(world: World, tmp_path: Path) -> None:
    world.report(publish=f"growing://{tmp_path / 'share'}")
    world.sale("1", "7.00", number=2)
    world.report(publish=f"growing://{tmp_path / 'share'}")
    files = {
        str(f.relative_to(tmp_path / "share")): f.read_bytes()
        for f in (tmp_path / "share").rglob("*") if f.is_file()
    }  # fmt: skip
    assert files == here(world)


class Killed(BaseException):
    """What nothing catches: the run is gone."""


@pytest.mark.parametrize("then", ["published again", "forgotten"])
def test_what_a_kill_left_half_put_goes(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    put = tmp_path / "share"
    world.report(publish=f"growing://{put}")
    world.sale("2", "7.00", number=2)

    move = Growing.mv

    def kill(self: Growing, path1: str, path2: str, **given: object) -> None:
        if slug("2") in path2:
            raise Killed
        move(self, path1, path2, **given)

    with monkeypatch.context() as patched:
        patched.setattr(Growing, "mv", kill)
        with pytest.raises(Killed):
            world.report(publish=f"growing://{put}")
    assert {left.parent.name for left in put.rglob(".mk-*")} == {slug("2")}
    if then == "forgotten":
        forget("2", out=world.out)
    else:
        world.report(publish=f"growing://{put}")
    assert list(put.rglob(".mk-*")) == []


def half_put(world: World, put: Path, merchant_id: str) -> None:
    """Leave what a run leaves that is killed while it writes a merchant's page into a folder."""
    place = f"m/{slug(merchant_id)}/briefing.zh.html"
    with open_ledger(world.month / "_team" / "ledger.sqlite", create=True) as ledger:
        ledger.publish(publish.Shelf(str(put)).url, {place: publish._UNDER_WAY})
    folder = put / MONTH / "m" / slug(merchant_id)
    (folder / ".mk-0123456789ab").write_text("half a page")


def test_what_a_kill_left_half_put_in_a_folder_goes(world: World, tmp_path: Path) -> None:
    put = tmp_path / "share"
    world.report(publish=str(put))
    for merchant_id in ("2", "3"):
        half_put(world, put, merchant_id)
    forget("2", out=world.out)
    assert not (put / MONTH / "m" / slug("2")).exists()
    world.warehouse.forget("2")
    world.report(publish=str(put))
    files = {str(f.relative_to(put)): f.read_bytes() for f in put.rglob("*") if f.is_file()}
    assert files == here(world)


@pytest.mark.parametrize("kind", ["", "growing://"])
def test_what_a_killed_check_left_goes_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    put = tmp_path / "share"
    shelf = publish.Shelf(f"{kind}{put}", tmp_path / "reports")

    def kill(*_: object, **given: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(LocalFileSystem, "rm", kill)
        with pytest.raises(Killed):
            shelf.check()
    assert list(put.iterdir())
    shelf.check()
    assert list(put.iterdir()) == []


def test_a_check_writes_though_what_a_killed_one_left_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = tmp_path / "share"
    shelf = publish.Shelf(str(put))
    with monkeypatch.context() as patched:
        patched.setattr(LocalFileSystem, "rm", lambda *_, **given: None)
        shelf.check()
        monkeypatch.setattr(publish.atomic.os, "fsync", refuse)
        with pytest.raises(ReportError, match="cannot be put"):
            shelf.check()


def refuse(_: int) -> None:
    raise OSError("refused")


def test_a_check_meets_that_of_another_month_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, remove, took = tmp_path / "share", LocalFileSystem.rm, []

    def beaten(self: LocalFileSystem, path: str, recursive: bool = False) -> None:
        took.append(path)
        remove(self, path, recursive=recursive)
        remove(self, path, recursive=recursive)

    monkeypatch.setattr(LocalFileSystem, "rm", beaten)
    publish.Shelf(str(put)).check()
    assert len(took) == 1
    assert list(put.iterdir()) == []


def test_a_password_and_the_reports_themselves_are_refused(world: World) -> None:
    with pytest.raises(ReportError, match="would stand in the ledger") as told:
        world.report(publish="sftp://user:secret@host/reports")
    assert "secret" not in str(told.value)
    with pytest.raises(ReportError, match="would stand in the ledger"):
        world.report(publish="simplecache::sftp://user:secret@host/reports")
    with pytest.raises(ReportError, match="into the reports themselves"):
        world.report(publish=str(world.out))
