"""Rule files and overlays from text to validated models, with errors that name file and line."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from merchantkit.documents import LinedYaml, read_file, read_text, validate
from merchantkit.errors import RuleFileError
from merchantkit.rulebook import lint
from merchantkit.rulebook.model import Overlay, RuleFile, Source, Value, check_value


def load_folder(folder: Path) -> dict[str, RuleFile]:
    """Return the rule files of a folder by id.

    Raises:
        RuleFileError: The folder has none, or one is malformed.
    """
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise RuleFileError("no rule files", where=str(folder), remedy="run inside a project")
    found: dict[str, RuleFile] = {}
    for file in files:
        rules = _rules(read_file(file))
        if rules.id in found:
            raise RuleFileError(
                f"a second rule file has the id {rules.id}",
                where=file.name,
                remedy="give each programme one file",
            )
        found[rules.id] = rules
    return found


def load_text(text: str, name: str) -> RuleFile:
    """Return one rule file.

    Raises:
        RuleFileError: It says what is wrong, the file and line, and the remedy.
    """
    return _rules(read_text(text, name))


def _rules(document: LinedYaml) -> RuleFile:
    rules = validate(RuleFile, document)
    for path, what, remedy in lint.problems(rules):
        raise RuleFileError(what, where=document.where(path), remedy=remedy)
    return rules


def load_overlay(overlay: Path | str | Mapping[str, Any]) -> tuple[str, LinedYaml, Overlay]:
    """Return an overlay's label, document and model, from a file or a mapping."""
    if isinstance(overlay, Mapping):
        document = LinedYaml("overlay", dict(overlay), {})
        return "overlay", document, validate(Overlay, document)
    file = Path(overlay)
    document = read_file(file)
    return file.stem, document, validate(Overlay, document)


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
            values[start] = value and _sourced(value, base)
            _fits(document, name, start, value, parameters[name].unit)
        parameters[name] = parameters[name].model_copy(update={"values": values})
    sources = {**base.sources, OVERLAY: Source(kind="overlay", title=f"overlay {label}")}
    laid = base.model_copy(update={"parameters": parameters, "sources": sources})
    for path, what, remedy in lint.problems(laid):
        raise RuleFileError(what, where=document.where(path), remedy=remedy)
    return {**files, overlay.id: laid}


OVERLAY = "overlay"


def _sourced(value: Value, base: RuleFile) -> Value:
    known = value.source is not None and value.source in base.sources
    return value if known else value.model_copy(update={"source": OVERLAY})


def _fits(document: LinedYaml, name: str, start: object, value: Value | None, unit: str) -> None:
    try:
        if value is not None:
            check_value(value.value, unit, str(start))
    except ValueError as misfit:
        raise RuleFileError(
            str(misfit),
            where=document.where(("parameters", name, "values", start)),
            remedy=f"give a value in {unit}",
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
