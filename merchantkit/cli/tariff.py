"""Commands about tariff schedules: load, duty, search, diff."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from merchantkit.cli.console import inert, note, print_json, print_table, say
from merchantkit.cli.options import SETTINGS, AsJson, Overlays, WarehouseFile, epilog
from merchantkit.cli.tariff_answers import record, refusal_of_all, tell, tell_several
from merchantkit.cli.tariff_said import refusal

if TYPE_CHECKING:
    from merchantkit.facts.warehouse import Warehouse

_SHOWN = 60


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings=SETTINGS,
        help="Load tariff schedules, look codes up, and calculate duty.",
        epilog=epilog(
            "merchantkit tariff duty 6104.42.00.10 --value 1000",
            "merchantkit tariff search 'hair dryer'",
        ),
    )
    group.command("load", epilog=_LOAD)(load)
    group.command("duty", epilog=_DUTY)(duty)
    group.command("search", epilog=_SEARCH)(search)
    group.command("diff", epilog=_DIFF)(diff)
    app.add_typer(group, name="tariff")


Edition = Annotated[
    str | None,
    typer.Option(
        "--edition",
        metavar="NAME",
        help="Which schedule. [default: the latest that holds on the day, else the earliest]",
    ),
]

_LOAD = epilog(
    "merchantkit tariff load hts_2025_basic.json.gz",
    "merchantkit tariff load hts_2025_rev_3.json --edition 2025-rev-3 --dated 2025-03-01",
    codes=(0, 2, 3),
)


def load(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", show_default=False, help="The USITC's JSON export, plain or gzipped."
        ),
    ],
    edition: Annotated[
        str | None,
        typer.Option("--edition", metavar="NAME", help="What to call it. [default: the file's]"),
    ] = None,
    dated: Annotated[
        str | None,
        typer.Option(
            "--dated",
            metavar="DATE",
            help="Since when its rates hold. [default: of a basic edition, 1 January of its year]",
        ),
    ] = None,
    country: Annotated[
        str, typer.Option("--country", metavar="CC", help="Whose duties they are.")
    ] = "US",
    partial: Annotated[
        bool,
        typer.Option("--partial", help="The file is a part of a schedule: load it all the same."),
    ] = False,
    warehouse: WarehouseFile = None,
    as_json: AsJson = False,
) -> None:
    """Put a tariff schedule into the warehouse, beside the editions that are there.

    The file is checked row by row, and loaded whole or not at all; an edition never changes. A rate
    that is not understood loads too: that line refuses to give a duty.
    """
    from merchantkit.facts.warehouse import Warehouse
    from merchantkit.programmes import tariff

    target = Warehouse.open(warehouse, create=True)
    done = tariff.load(target, file, edition=edition, dated=dated, country=country, partial=partial)
    record: dict[str, Any] = {
        "edition": done.edition.name, "country": done.edition.country, "dated": done.edition.dated,
        "rows": done.edition.rows, "lines": done.lines, "unchanged": done.unchanged, **done.forms,
        "not_understood": len(done.refused), "misplaced": len(done.beside),
    }  # fmt: skip
    if as_json:
        print_json([record])
        return
    again = " (it was there already, nothing was changed)" if done.unchanged else ""
    say(f"{done.edition.name}: {done.edition.rows} rows, {done.lines} lines to declare{again}")
    print_table([{"rate": form, "lines": count} for form, count in done.forms.items()])
    for code, text in done.refused.items():
        note(f"not understood, so it gives no duty: {code}: {inert(text)}")
    for code in done.beside:
        note(f"beside its subheading and not below it, so described without its words: {code}")


_DUTY = epilog(
    "merchantkit tariff duty 6104.42.00.10 --value 1000 --origin CN --to US",
    "merchantkit tariff duty 65050008 --value 1000 --qty 'kg=12.5' --qty 'doz=10' --json",
    "merchantkit tariff duty 3926909090 --value 1000 --chinese",
    codes=(0, 2, 3),
    also=((2, "there is no total, for none of the lines that the code may be"),),
)


def duty(
    code: Annotated[
        str,
        typer.Argument(
            metavar="CODE",
            show_default=False,
            help="Ten, eight or six digits, with or without dots; of a Chinese code six count.",
        ),
    ],
    value: Annotated[
        str, typer.Option("--value", metavar="USD", show_default=False, help="The goods' value.")
    ],
    qty: Annotated[
        list[str] | None,
        typer.Option(
            "--qty",
            metavar="UNIT=N",
            help="A quantity that the rate names, or a part's value: 'kg=12.5', 'battery=3.10'.",
        ),
    ] = None,
    origin: Annotated[
        str, typer.Option("--origin", metavar="CC", help="Where the goods were made.")
    ] = "CN",
    to: Annotated[str, typer.Option("--to", metavar="CC", help="Where they go.")] = "US",
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="The day of the rules. [default: 2021-04-29]"),
    ] = None,
    edition: Edition = None,
    chinese: Annotated[
        bool, typer.Option("--chinese", help="The code is China's, whatever the schedule has.")
    ] = False,
    rules: Overlays = None,
    fees: Annotated[
        bool, typer.Option("--fees", help="Count the fees of a formal entry by sea too: MPF, HMF.")
    ] = False,
    warehouse: WarehouseFile = None,
    as_json: AsJson = False,
) -> None:
    """Calculate the duty on a code, part by part, each with the row or rule that sets it.

    Base rates are those of the edition, duties added by origin those of the day. What is not known
    is asked for or refused by name; what a footnote points to beside (sections 201 and 232, say) is
    named and not counted, and the total says so. A code that may be several lines gives one answer
    for each, and is refused only where none of them has a total. In JSON effective_rate is a share:
    0.1900.
    """
    from merchantkit.programmes import tariff
    from merchantkit.rulebook import rulebook

    answers = tariff.duty(
        code, value, _quantities(qty or []), origin=origin, to=to, on=on or tariff.DAY,
        warehouse=_warehouse(warehouse), edition=edition, chinese=chinese, with_fees=fees,
        rules=rulebook(rules).on(on or tariff.DAY),
    )  # fmt: skip
    if as_json:
        print_json(record(answer) for answer in answers)
    elif len(answers) > 1:
        tell_several(code, answers)
    else:
        tell(answers[0])
    if all(answer.reason is not None for answer in answers):
        raise refusal(answers[0]) if len(answers) == 1 else refusal_of_all(code, answers)


def _quantities(given: Iterable[str]) -> dict[str, str]:
    from merchantkit.programmes.tariff.quantities import quantities

    return quantities(given, "write each once, such as --qty 'kg=12.5'")


def _warehouse(file: Path | None) -> "Warehouse | None":
    from merchantkit import home
    from merchantkit.facts.warehouse import Warehouse

    # Without any warehouse the kit's excerpt answers; reading never makes one.
    if file is None and not home.warehouse_path().exists():
        return None
    return Warehouse.open(file)


_SEARCH = epilog(
    "merchantkit tariff search 'hair dryer'",
    "merchantkit tariff search dress --element fabric=knit --element gender=female "
    "--element material=cotton",
    codes=(0, 2, 3),
)


def search(
    words: Annotated[
        str,
        typer.Argument(
            metavar="NAME", show_default=False, help="An English product name, short and plain."
        ),
    ],
    element: Annotated[
        list[str] | None,
        typer.Option(
            "--element",
            metavar="KIND=WORD",
            help="fabric=knit or woven, gender=male, female or unisex: leaves out lines that say "
            "otherwise; material=cotton, or any other.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="How many.", min=1)] = 10,
    edition: Annotated[
        str | None,
        typer.Option("--edition", metavar="NAME", help="Which schedule. [default: the latest]"),
    ] = None,
    warehouse: WarehouseFile = None,
    as_json: AsJson = False,
) -> None:
    """Find tariff lines by a product's English name and its elements.

    A description is told below what all that were found share; --json has it whole.
    """
    from merchantkit.present.paths import told_apart
    from merchantkit.programmes import tariff
    from merchantkit.programmes.tariff.quantities import pairs
    from merchantkit.programmes.tariff.schedule import BELOW

    elements = pairs(
        element or [], "element, or its kind", "write each once, such as --element fabric=knit"
    )
    found = tariff.search(
        words, elements, limit=limit, warehouse=_warehouse(warehouse), edition=edition
    )
    if as_json:
        print_json({**each._asdict(), "score": round(each.score, 3)} for each in found)
        return
    # The heading stands in a column of its own.
    below = [each.description.partition(BELOW)[2] or each.description for each in found]
    print_table(
        [
            {"code": each.code, "general": each.general, "added": each.added,
             "description": text, "heading": each.heading[:_SHOWN]}
            for each, text in zip(found, told_apart(below, _SHOWN), strict=True)
        ]
    )  # fmt: skip
    note(f"edition: {found[0].edition}" if found else "nothing was found: use fewer, plainer words")


_DIFF = epilog(
    "merchantkit tariff diff 2024-basic 2025-basic",
    "merchantkit tariff diff 2024-basic 2025-basic --json",
    codes=(0, 2, 3),
)


def diff(
    one: Annotated[str, typer.Argument(metavar="EDITION", show_default=False, help="Before.")],
    other: Annotated[str, typer.Argument(metavar="EDITION", show_default=False, help="After.")],
    warehouse: WarehouseFile = None,
    as_json: AsJson = False,
) -> None:
    """Compare two editions: what came, went, or changed in its rates, footnotes or words.

    Compared are the lines to declare, and all headings of chapters 98 and 99.
    """
    from merchantkit.programmes import tariff

    found = [each._asdict() for each in tariff.diff(one, other, _warehouse(warehouse))]
    if as_json:
        print_json(found)
    else:
        print_table(found)
        note(f"{len(found)} differences")
