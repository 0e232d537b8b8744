"""Every shape that the kit reads or gives, from the code that reads and gives it."""

from typing import TYPE_CHECKING, Any

from merchantkit.errors import NotInForceError

if TYPE_CHECKING:
    import pandas as pd

    from merchantkit.rulebook import Rulebook

Shape = dict[str, Any]


def shapes() -> dict[str, Shape]:
    """Return each shape by name: tables of facts, programmes, and the files that people write."""
    from pydantic import BaseModel

    from merchantkit.facts.intake.mapping import Mapping
    from merchantkit.facts.schemas import TABLES
    from merchantkit.programmes import NAMES
    from merchantkit.rulebook import rulebook
    from merchantkit.rulebook.model import Overlay, RuleFile

    book = rulebook()
    tables = [{"kind": "table", **table.as_dict()} for table in TABLES.values()]
    programmes = [_programme(name, book) for name in NAMES]
    models: dict[str, type[BaseModel]] = {
        "rule_file": RuleFile,
        "overlay": Overlay,
        "mapping": Mapping,
    }
    files = [_file(name, model.model_json_schema()) for name, model in models.items()]
    return {str(shape["name"]): shape for shape in [*tables, *programmes, *files]}


def _file(name: str, schema: Shape) -> Shape:
    about = str(schema.get("description", "")).partition("\n")[0]
    return {"kind": "file", "name": name, "title": {"en": about}, "schema": schema}


def _programme(name: str, book: "Rulebook") -> Shape:
    from merchantkit.checks import EXPLANATION_COLUMNS
    from merchantkit.programmes import programme
    from merchantkit.programmes.reasons import Reason

    module = programme(name)
    optional = getattr(module, "OPTIONAL", {})
    file = book.files[name]
    return {
        "kind": "programme",
        "name": name,
        "title": file.title.model_dump(),
        "scope": module.scope,
        "columns": [
            {
                **_column(column, kind, kind != "id", _codes(module, column)),
                "required": column not in optional,
            }
            for column, kind in {**module.COLUMNS, **optional}.items()
        ],
        "outcome": _outcome(module, book),
        "explanation": list(EXPLANATION_COLUMNS),
        "reasons": [reason.value for reason in Reason],
    }


def _column(name: str, kind: str, nullable: bool, codes: list[str]) -> Shape:
    return {"name": name, "kind": kind, "nullable": nullable, "codes": codes}


def _codes(module: Any, column: str) -> list[str]:
    return list(getattr(module, f"{column.upper()}S", ()))


def _outcome(module: Any, book: "Rulebook") -> list[Shape]:
    # Nobody's measures give an outcome without rows, whose columns are the shape.
    import pandas as pd

    starts = [s for p in book.files[module.name].parameters.values() for s in p.values]
    days = sorted((s for s in starts if not isinstance(s, str)), reverse=True)
    for day in days:
        try:
            outcome = module.assess(pd.DataFrame(columns=list(module.COLUMNS)), book.on(day))
        except NotInForceError:
            continue
        return [_column(name, _kind(outcome[name]), True, []) for name in outcome.columns]
    return []


def _kind(column: "pd.Series[Any]") -> str:
    return str(column.dtype).removesuffix("[pyarrow]")
