"""Rule files and overlays from text to validated models, with errors that name file and line."""

import difflib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

from merchantkit.documents import LinedYaml, read_file, read_text, refuse, validate
from merchantkit.errors import RuleFileError
from merchantkit.rulebook import lint
from merchantkit.rulebook.model import Overlay, Parameter, RuleFile, Source, Value
from merchantkit.rulebook.values import check_value

Text = tuple[str, str]  # a file's name and what it says


def read(file: Path) -> Text:
    """Return a file's name and text: what a parsed rulebook may be remembered by.

    Raises:
        RuleFileError: It cannot be read, or is not UTF-8.
    """
    try:
        return file.name, file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        read_file(file)  # It raises too, and knows the line and the remedy.
        raise


def read_folder(folder: Path) -> tuple[Text, ...]:
    """Return the name and text of each rule file of a folder.

    Raises:
        RuleFileError: The folder has none, or one cannot be read.
    """
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise RuleFileError("no rule files", where=str(folder), remedy="run inside a project")
    return tuple(read(file) for file in files)


def load(texts: Iterable[Text]) -> dict[str, RuleFile]:
    """Return rule files by id.

    Raises:
        RuleFileError: One is malformed, or two have one id.
    """
    found: dict[str, RuleFile] = {}
    names: dict[str, str] = {}
    for name, text in texts:
        document = read_text(text, name)
        rules = _rules(document)
        if rules.id in found:
            raise RuleFileError(
                f"{names[rules.id]} has the id {rules.id} too",
                where=document.where(("id",)),
                remedy="give each programme one file, and each file an id of its own",
            )
        found[rules.id], names[rules.id] = rules, name
    return found


def load_text(text: str, name: str) -> RuleFile:
    """Return one rule file.

    Raises:
        RuleFileError: It says what is wrong, the file and line, and the remedy.
    """
    return _rules(read_text(text, name))


def _rules(document: LinedYaml) -> RuleFile:
    rules = validate(RuleFile, document)
    for name, source in rules.sources.items():
        if source.kind == "overlay":
            raise RuleFileError(
                f"the source {name} is an overlay",
                where=document.where(("sources", name, "kind")),
                remedy="cite the deck or a public rule; what neither says is assumed",
            )
    for path, what, remedy in lint.problems(rules):
        raise RuleFileError(what, where=document.where(path), remedy=remedy)
    return rules


def load_overlay(overlay: Text | Mapping[str, Any]) -> tuple[str, LinedYaml, Overlay]:
    """Return an overlay's label, document and model, from a file's text or a mapping."""
    if isinstance(overlay, Mapping):
        document = LinedYaml("overlay", _exact(dict(overlay)), {})
        return "overlay", document, validate(Overlay, document)
    name, text = overlay
    document = read_text(text, name)
    return Path(name).stem, document, validate(Overlay, document)


def _exact(given: Any) -> Any:
    # An overlay made in Python may hold floats; they enter by what they print, as money does.
    if isinstance(given, Mapping):
        return {key: _exact(value) for key, value in given.items()}
    if isinstance(given, list):
        return [_exact(value) for value in given]
    return Decimal(repr(given)) if isinstance(given, float) else given


def apply_overlay(
    files: Mapping[str, RuleFile], label: str, document: LinedYaml, overlay: Overlay
) -> dict[str, RuleFile]:
    """Return the rule files with an overlay's values laid over them.

    Raises:
        RuleFileError: The overlay names what does not exist, or a value does not fit.
    """
    if overlay.id not in files:
        raise _unknown(overlay.id, files, document, ("id",), "programme")
    base = files[overlay.id]
    parameters = dict(base.parameters)
    for name, change in overlay.parameters.items():
        if name not in parameters:
            raise _unknown(name, parameters, document, ("parameters", name), "parameter")
        values = dict(parameters[name].values)
        for start, value in change.values.items():
            values[start] = value and _sourced(value)
            _fits(document, name, start, value, base.parameters[name])
        parameters[name] = parameters[name].model_copy(update={"values": values})
    sources = {**base.sources, OVERLAY: Source(kind="overlay", title=f"overlay {label}")}
    laid = base.model_copy(update={"parameters": parameters, "sources": sources})
    for path, what, remedy in lint.problems(laid):
        raise RuleFileError(what, where=document.where(path), remedy=remedy)
    return {**files, overlay.id: laid}


OVERLAY = "overlay"


def _sourced(value: Value) -> Value:
    return value if value.source else value.model_copy(update={"source": OVERLAY})


def _fits(
    document: LinedYaml, name: str, start: object, value: Value | None, parameter: Parameter
) -> None:
    try:
        if value is not None:
            if value.value is None and not parameter.may_state_none:
                raise refuse("the programme cannot do without a value", "give it one")
            check_value(value.value, parameter.unit)
    except PydanticCustomError as misfit:
        raise RuleFileError(
            f"{name}: {misfit.message()}",
            where=document.where(("parameters", name, "values", start, "is")),
            remedy=(misfit.context or {})["remedy"],
        ) from None


def _unknown(
    name: str, known: Iterable[str], document: LinedYaml, path: tuple[str, ...], kind: str
) -> RuleFileError:
    close = difflib.get_close_matches(name, list(known), n=1)
    return RuleFileError(
        f"the overlay names a {kind} that does not exist: {name}",
        where=document.where(path),
        remedy=f"did you mean {close[0]}?" if close else "rules show lists what exists",
    )
