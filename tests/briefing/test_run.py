"""A month with real kernels: what a run makes, leaves alone, forgets, refuses and restates."""

import re
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from merchantkit import home
from merchantkit.assessment import Assessment
from merchantkit.briefing import Limits, mark, report, status, verify
from merchantkit.briefing import atomic as atomic_module
from merchantkit.briefing.failures import Failure
from merchantkit.briefing.ledger import State
from merchantkit.briefing.progress import Lines, Silent
from merchantkit.briefing.slugs import slug
from merchantkit.errors import DayError, ReportError, RuleFileError, WarehouseMissing
from merchantkit.facts.warehouse import Warehouse
from merchantkit.present.words import words
from tests.briefing.world import MONTH, World

pytestmark = pytest.mark.slow

ALPHA, BETA, GAMMA = "CANARYalpha", "../{BETA}/x", "007"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("wörld {} x"))
    made.merchant(ALPHA, "Zanzibar <script>alert(1)</script> 贸易")
    made.merchant(BETA, "贝塔 & Quagga GmbH")
    made.merchant(GAMMA)
    made.sale(ALPHA, "27182.81")
    made.sale(BETA, "31415.92")
    made.report(lang=("zh", "en"))
    return made


def test_every_merchant_has_a_page_and_a_notebook_in_each_language(world: World) -> None:
    records = status(MONTH, out=world.out)
    assert [(r["merchant_id"], r["lang"]) for r in records] == [
        (merchant, lang) for merchant in (BETA, GAMMA, ALPHA) for lang in ("en", "zh")
    ]
    assert {r["state"] for r in records} == {"done"}
    assert all(r["reason"] is None for r in records)
    for record in records:
        assert record["html"] == f"m/{slug(record['merchant_id'])}/briefing.{record['lang']}.html"
        assert (world.month / record["html"]).is_file()
        assert (world.month / record["ipynb"]).is_file()
    assert [r for r in verify(MONTH, out=world.out) if not r["ok"]] == []


def test_the_folder_holds_what_the_contract_says_and_no_stray_file(world: World) -> None:
    tops = {path.name for path in world.month.iterdir()}
    assert tops == {"_team", "assets", "index.html", "m", "portfolio.en.html", "portfolio.zh.html"}
    assert {p.name for p in (world.month / "_team").iterdir()} == {
        "assessment", "assessment-before", "ledger.sqlite", "portfolio.en.ipynb",
        "portfolio.zh.ipynb", "rules", "run.lock",
    }  # fmt: skip
    assert len(list(world.month.rglob("plotly.min.js"))) == 1


def test_no_page_holds_anothers_id_name_or_numbers(world: World) -> None:
    own = {
        ALPHA: (ALPHA, "Zanzibar", "27182.81"),
        BETA: (BETA, "Quagga", "31415.92"),
    }
    for merchant, canaries in own.items():
        for file in (world.month / "m" / slug(merchant)).iterdir():
            text = file.read_text("utf-8")
            assert canaries[2] in text
            for other in own.keys() - {merchant}:
                assert [canary for canary in own[other] if canary in text] == []


def test_no_page_or_notebook_names_a_path_of_the_machine(world: World) -> None:
    here = [str(world.root), str(Path.cwd()), str(Path.home())]
    handed = [*world.month.glob("m/*/*"), *world.month.glob("*.html"), world.out / "index.html"]
    for file in handed:
        text = file.read_text("utf-8")
        assert [path for path in here if len(path) > 5 and path in text] == [], file


def test_a_notebook_opens_with_its_parameters_and_its_kernel(world: World) -> None:
    notebook = nbformat.read(world.page(ALPHA).with_suffix(".ipynb"), as_version=4)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "papermill" not in notebook.metadata
    (injected,) = (c for c in notebook.cells if c.id == "injected-parameters")
    assert f'merchant_id = "{ALPHA}"' in injected.source
    assert 'day = "2021-05-31"' in injected.source


def test_names_from_strangers_are_text_everywhere(world: World) -> None:
    for file in [*world.month.glob("*.html"), *world.month.glob("m/*/*.html")]:
        assert "<script>" not in file.read_text("utf-8")
    index = (world.month / "index.html").read_text("utf-8")
    assert "Zanzibar &lt;script&gt;alert(1)&lt;/script&gt; 贸易" in index
    assert "../{BETA}/x" in index
    hrefs = re.findall(r'(?:href|src)="([^"]*)"', index)
    assert [h for h in hrefs if not re.fullmatch(r"[\w./+-]+(\?v=[0-9a-f]+)?", h)] == []


def test_the_lists_name_everyone_and_load_nothing_from_outside(world: World) -> None:
    index = (world.month / "index.html").read_text("utf-8")
    for merchant in (ALPHA, BETA, GAMMA):
        for lang in ("zh", "en"):
            assert f'href="m/{slug(merchant)}/briefing.{lang}.html"' in index
    assert 'href="portfolio.zh.html"' in index
    assert "2021-05-31" in index
    months = (world.out / "index.html").read_text("utf-8")
    assert 'href="2021-05/index.html"' in months
    for text in (index, months):
        assert re.findall(r"(?:src|href)=\"(?:https?:)?//", text) == []


def test_nothing_changed_means_nothing_is_executed(world: World) -> None:
    before = world.tree()
    result = world.report(lang=("zh", "en"))
    assert (result.executed, result.kept, result.exit_code) == (0, 8, 0)
    changed = {name for name, digest in world.tree().items() if before.get(name) != digest}
    assert all("_team" in name for name in changed)


def test_a_page_that_was_touched_lost_or_cut_short_is_found_and_made_again(world: World) -> None:
    cut, lost = world.page(ALPHA), world.page(BETA).with_suffix(".ipynb")
    whole = cut.read_bytes()
    cut.write_bytes(whole[:-40])
    lost.unlink()
    wrong = {
        (r["merchant_id"], r["problems"][0]) for r in verify(MONTH, out=world.out) if not r["ok"]
    }
    assert wrong == {(ALPHA, "truncated"), (BETA, "output_missing briefing.zh.ipynb")}
    states = {(r["merchant_id"], r["lang"]): r["state"] for r in status(MONTH, out=world.out)}
    assert states[(BETA, "zh")] == "pending"
    result = world.report(lang=("zh", "en"))
    assert result.executed == 2
    assert cut.read_bytes() == whole
    assert [r for r in verify(MONTH, out=world.out) if not r["ok"]] == []


def test_a_missing_asset_is_found_and_put_back(world: World) -> None:
    (world.month / "assets" / "plotly.min.js").unlink()
    (wrong,) = (r for r in verify(MONTH, out=world.out) if not r["ok"])
    assert wrong["problems"] == ["asset_missing plotly.min.js"]
    world.report(lang=("zh", "en"))
    assert [r for r in verify(MONTH, out=world.out) if not r["ok"]] == []


def test_one_changed_order_makes_that_merchant_and_the_portfolio_again(world: World) -> None:
    world.sale(ALPHA, "27182.82")
    others = world.page(BETA).stat()
    result = world.report(merchants=[BETA], lang="zh")
    # Asked for another merchant: the changed one is left, and said to be out of date.
    assert (result.executed, result.left) == (1, 3)
    stale = {r["merchant_id"] for r in status(MONTH, out=world.out) if r["state"] == "stale"}
    assert stale == {ALPHA}
    assert "mk-stale" in (world.month / "index.html").read_text("utf-8")
    assert world.report(lang=("zh", "en")).executed == 3
    assert world.page(BETA).stat().st_mtime_ns == others.st_mtime_ns
    assert "27182.82" in world.page(ALPHA, "en").read_text("utf-8")


def test_another_rules_day_or_an_overlay_lands_beside_the_month(world: World) -> None:
    before = {n: d for n, d in world.tree().items() if n.startswith("2021-05/")}
    reform = world.root / "reform.yaml"
    reform.write_text(
        "id: rfq\nparameters:\n  tier_1_gmv:\n    values:\n"
        "      2021-04-15: {is: 30000, why: a reform}\n"
    )
    by_rules = world.report(merchants=[GAMMA], rules_on="2021-05-06")
    by_overlay = world.report(merchants=[GAMMA], overlay=reform)
    assert by_rules.label == "2021-05+rules-2021-05-06"
    assert by_overlay.label == "2021-05+reform"
    assert (by_overlay.folder / "_team/rules/overlays/reform.yaml").is_file()
    assert {n: d for n, d in world.tree().items() if n.startswith("2021-05/")} == before
    assert [r["state"] for r in status("2021-05+reform", out=world.out)].count("done") == 1
    months = (world.out / "index.html").read_text("utf-8")
    assert months.index("2021-05/index.html") < months.index("2021-05+reform/index.html")
    assert "（reform）" in (by_overlay.index).read_text("utf-8")


def test_what_cannot_begin_is_refused_before_anything_is_written(world: World) -> None:
    before = world.tree()
    with pytest.raises(ReportError, match="no such merchant: '7'"):
        world.report(merchants=["7"])
    with pytest.raises(ReportError, match="in force") as refused:
        world.report(rules_on="2013-06-30")
    assert "--rules-on" in str(refused.value)
    with pytest.raises(ReportError, match="language"):
        world.report(lang="fr")
    with pytest.raises(ReportError, match="0 workers"):
        world.report(workers=0)
    with pytest.raises(ReportError, match="not a day of"):
        world.report(day="2021-06-01")
    with pytest.raises(RuleFileError, match="exist"):
        world.report(overlay={"id": "rfq", "parameters": {"no_such": {"values": {}}}})
    with pytest.raises(DayError):
        report("may", out=world.out)
    with pytest.raises(WarehouseMissing):
        world.report(warehouse=world.root / "none.duckdb")
    with pytest.raises(ReportError, match="holds no merchants"):
        world.report(warehouse=Warehouse.in_memory())
    with pytest.raises(ReportError, match="no report"):
        status("2020-01", out=world.out)
    assert not (world.root / "none.duckdb").exists()
    assert world.tree() == before


def test_a_notebook_that_lacks_a_parameter_is_refused(world: World, tmp_path: Path) -> None:
    for file in world.notebooks.iterdir():
        text = file.read_text("utf-8").replace("assessment_before: str", "earlier: str")
        (tmp_path / file.name).write_text(text)
    with pytest.raises(ReportError, match="declares no parameter assessment_before"):
        world.report(notebooks=tmp_path)


def test_a_run_that_cannot_begin_leaves_no_month_behind(world: World) -> None:
    with pytest.raises(ReportError, match="no such merchant"):
        world.report(merchants=["7"], out=world.root / "elsewhere")
    assert not (world.root / "elsewhere").exists()


def test_every_state_and_failure_has_words() -> None:
    for lang in ("zh", "en"):
        assert all(words(lang).t(f"report.state.{state}") for state in State)
        assert all(words(lang).t(f"report.failure.{failure}") for failure in Failure)


def test_plain_lines_say_what_failed_and_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with Lines() as lines:
        lines.start(2)
        lines.made("a.zh")
        lines.made("b.zh", "cell_error ValueError")
    said = capsys.readouterr().err.splitlines()
    assert said[:2] == ["2 pages to make", "failed: b.zh: cell_error ValueError"]
    assert said[-1].startswith("2/2 pages, 1 failed")


def test_the_kits_own_notebooks_hold_no_canary_and_say_what_was_restated(tmp_path: Path) -> None:
    made = World(tmp_path)
    canaries = {
        "CANARYone": ["CANARYone", "Zanzibar", "27,182.81", "70707", "oCANARYone"],
        "CANARYtwo": ["CANARYtwo", "Quagga", "31,415.92", "60606", "oCANARYtwo"],
    }
    for merchant, (_, name, usd, visitors, _) in canaries.items():
        made.merchant(merchant, name)
        made.sale(merchant, usd.replace(",", ""))
        made.traffic(merchant, int(visitors))
    own: dict[str, Any] = {"notebooks": home.place("notebooks"), "lang": "en", "limits": Limits()}
    assert made.report(**own).failures == ()
    texts = {
        merchant: "".join(file.read_text("utf-8") for file in made.page(merchant).parent.iterdir())
        for merchant in canaries
    }
    for merchant, text in texts.items():
        assert canaries[merchant][2] in text
        others = [c for m, several in canaries.items() if m != merchant for c in several]
        assert [c for c in others if c in text or c.replace(",", "") in text] == []
    mark(MONTH, "final", out=made.out)
    made.sale("CANARYtwo", "0.08", number=2)
    result = made.report(**own)
    assert (result.restatement, result.failures) == (1, ())
    page = made.page("CANARYtwo", "en").read_text("utf-8")
    assert "Restatement 1" in page
    assert "USD 31,415.92 → USD 31,416.00" in page


# --- draft, final, restated (each builds on the one before) ------------------------------------


@pytest.fixture(scope="module")
def final(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(tmp_path_factory.mktemp("final"))
    for merchant in ("A1", "B2", "C3"):
        made.merchant(merchant, f"公司{merchant}")
        made.sale(merchant, "100.10")
    made.report()
    mark(MONTH, "final", out=made.out)
    return made


def restated(world: World) -> pd.DataFrame:
    frame = pd.read_parquet(world.month / "_team/assessment/restatement.parquet")
    frame = frame[["merchant_id", "programme", "column", "before", "after", "number"]]
    return frame.astype(object).where(frame.notna(), None)


def test_an_unchanged_final_month_changes_nothing(final: World) -> None:
    assert "mk-final" in (final.month / "index.html").read_text("utf-8")
    before = final.tree()
    result = final.report()
    assert (result.executed, result.restatement) == (0, None)
    assert final.tree() == before


def test_a_new_notebook_does_not_touch_what_was_handed_over(final: World) -> None:
    file = final.notebooks / "briefing.ipynb"
    file.write_text(file.read_text("utf-8").replace("opens the notebook", "reads it"))
    assert final.report().executed == 0


def test_an_idle_final_month_gets_back_what_its_pages_cannot_do_without(final: World) -> None:
    before, folder = final.tree(), final.month / "assets"
    plotly = (folder / "plotly.min.js").read_bytes()
    (folder / "plotly.min.js").write_bytes(plotly[: len(plotly) // 2])
    (folder / "page.css").write_bytes(b"")
    (wrong,) = (r for r in verify(MONTH, out=final.out) if not r["ok"])
    assert wrong["problems"] == ["asset_damaged page.css", "asset_damaged plotly.min.js"]
    assert final.report().executed == 0
    assert final.tree() == before
    assert [r for r in verify(MONTH, out=final.out) if not r["ok"]] == []


def test_new_facts_restate_a_final_month_and_say_for_whom(
    final: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    final.sale("A1", "200.20", number=2)
    others = final.page("B2").stat()
    swap = atomic_module.swap_folder

    def swap_until(new: Path, place: Path, aside: Path) -> None:
        if place.name == "assessment":
            raise KeyboardInterrupt
        swap(new, place, aside)

    # Stopped between the steps: the next run finds a restatement under way, and completes that one.
    with monkeypatch.context() as patched:
        patched.setattr(atomic_module, "swap_folder", swap_until)
        with pytest.raises(KeyboardInterrupt):
            final.report()
    result = final.report()
    assert (result.restatement, result.executed, result.exit_code) == (1, 2, 0)
    rows = restated(final)
    gmv = rows[rows["column"] == "gmv_90d_usd"].to_numpy().tolist()
    assert gmv == [["A1", "rfq", "gmv_90d_usd", "100.10", "300.30", 1]]
    assert set(rows["merchant_id"]) == {"A1"}
    assert final.page("B2").stat().st_mtime_ns == others.st_mtime_ns
    assert "gmv_90d_usd" in final.page("A1").read_text("utf-8")
    page = (final.month / "restatement-1.html").read_text("utf-8")
    assert "公司A1" in page
    assert "USD 300.30" in page
    assert "公司B2" not in page
    assert 'href="restatement-1.html"' in (final.month / "index.html").read_text("utf-8")
    kept = Assessment.read(final.month / "_team/superseded/1/assessment")
    measures = kept.programmes["rfq"].measures.set_index("merchant_id")
    assert str(measures.loc["A1", "gmv_90d_usd"]) == "100.10"
    assert (final.month / "_team/superseded/1/rules/rfq.yaml").is_file()


def test_restated_and_unchanged_since_it_stays(final: World) -> None:
    before = final.tree()
    assert (final.report().executed, final.report().restatement) == (0, None)
    assert final.tree() == before


def test_the_next_restatement_keeps_the_first_and_names_who_went(final: World) -> None:
    first = final.page("A1").stat()
    gone = final.page("C3")
    final.merchant("B2", "公司B2 (renamed)")
    final.warehouse.forget("C3")
    result = final.report()
    assert (result.restatement, result.removed) == (2, ("C3",))
    rows = restated(final)
    assert set(rows.loc[rows["number"] == 1, "merchant_id"]) == {"A1"}
    went = rows[(rows["number"] == 2) & (rows["column"] == "merchant")].to_numpy().tolist()
    assert went == [["C3", "", "merchant", "present", None, 2]]
    assert not gone.parent.exists()
    assert final.page("A1").stat().st_mtime_ns == first.st_mtime_ns
    page = (final.month / "restatement-2.html").read_text("utf-8")
    # A new name changes no result, but the briefing that shows it.
    assert "公司B2 (renamed)" in page
    assert "renamed" in final.page("B2").read_text("utf-8")


def test_a_draft_again_is_replaced_without_a_restatement(final: World) -> None:
    mark(MONTH, "draft", out=final.out)
    final.sale("B2", "1.00", number=2)
    result = final.report(progress=Silent())
    assert result.restatement is None
    assert set(restated(final)["number"]) == {1, 2}
    with pytest.raises(ReportError, match="'done'"):
        mark(MONTH, "done", out=final.out)  # type: ignore[arg-type]


def test_a_final_month_whose_assessment_is_gone_is_not_replaced(tmp_path: Path) -> None:
    made = World(tmp_path)
    made.merchant("A1")
    assert made.report().exit_code == 0
    mark(MONTH, "final", out=made.out)
    (made.month / "_team" / "assessment" / "month.json").unlink()
    page = made.page("A1").read_bytes()
    with pytest.raises(ReportError, match="cannot be read"):
        made.report()
    assert made.page("A1").read_bytes() == page


def test_a_folder_named_from_where_one_stands_is_found_where_pages_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = World(tmp_path)
    made.merchant("A1")
    monkeypatch.chdir(tmp_path)
    assert made.report(out=Path("reports")).exit_code == 0
    assert made.page("A1").is_file()
    assert made.report(out="reports").kept == 2
