"""YAML documents held against pydantic models, with errors that name file, line and remedy."""

import datetime as dt
import difflib
import re
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from merchantkit.documents.lined_yaml import LinedYaml
from merchantkit.errors import MerchantkitError, RuleFileError

Model = TypeVar("Model", bound=BaseModel)


def refuse(what: str, remedy: str, at: tuple[object, ...] = ()) -> PydanticCustomError:
    """Return a validation error that carries its remedy (raise it in a model's validator).

    Args:
        what: What is wrong.
        remedy: What to do about it.
        at: Where below the validated part it is wrong, if that is not the part itself.
    """
    return PydanticCustomError("refused", "{what}", {"what": what, "remedy": remedy, "at": at})


def validate(
    model: type[Model], document: LinedYaml, error: type[MerchantkitError] = RuleFileError
) -> Model:
    """Return a document as a model.

    Raises:
        MerchantkitError: Of the given kind, for the first thing that is wrong, with its line.
    """
    try:
        return model.model_validate(document.data)
    except ValidationError as invalid:
        problems = invalid.errors(include_url=False)
        first = min(problems, key=lambda problem: _line(document, problem))
        raise error(
            _what(first),
            where=document.where(_path(first)),
            count=len(problems) if len(problems) > 1 else None,
            remedy=_remedy(first, model),
        ) from None


def _path(problem: ErrorDetails) -> tuple[object, ...]:
    # pydantic adds "[key]", and shows a day that is a key as Python would.
    below = problem.get("ctx", {}).get("at", ())
    return tuple(_as_written(part) for part in (*problem["loc"], *below) if part != "[key]")


def _as_written(part: object) -> object:
    day = re.fullmatch(r"datetime\.(date|datetime)\(([\d, ]+)\)", str(part))
    if day is None:
        return part
    numbers = [int(number) for number in day[2].split(",")]
    return dt.date(*numbers) if day[1] == "date" else dt.datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001


def _line(document: LinedYaml, problem: ErrorDetails) -> int:
    return int(document.where(_path(problem)).rpartition(":")[2])


def _what(problem: ErrorDetails) -> str:
    place = ".".join(str(part) for part in _path(problem)) or "the file"
    known = {
        "extra_forbidden": f"unknown key {place}",
        "missing": f"{place} is missing",
        "refused": f"{place}: {problem['msg']}",
        "model_type": f"{place} is {_kind(problem['input'])}, where keys and values belong",
        "dict_type": f"{place} is {_kind(problem['input'])}, where keys and values belong",
        "literal_error": f"{place}: {str(problem['input'])[:60]} is not known here",
    }
    return known.get(
        problem["type"], f"{place}: {problem['msg']}, not {str(problem['input'])[:60]!r}"
    )


def _kind(given: object) -> str:
    if given is None:
        return "empty"
    return "a list" if isinstance(given, list) else f"{str(given)[:60]!r}"


def _remedy(problem: ErrorDetails, model: type[BaseModel]) -> str:
    if problem["type"] == "refused":
        return str(problem["ctx"]["remedy"])
    if problem["type"] == "missing":
        return f"add {problem['loc'][-1]}:"
    if problem["type"] == "extra_forbidden":
        unknown = str(problem["loc"][-1])
        # One that is known elsewhere is no better spelling of itself.
        close = difflib.get_close_matches(unknown, [k for k in _keys(model) if k != unknown], n=1)
        return f"did you mean {close[0]}?" if close else "remove it, or correct its spelling"
    if problem["type"] in ("model_type", "dict_type"):
        return "write keys and values, as the other files of its kind do"
    if problem["type"] == "literal_error":
        return f"use {problem['ctx']['expected']}"
    return "write it as the other files of its kind do"


def _keys(model: type[BaseModel], seen: frozenset[type] = frozenset()) -> set[str]:
    keys: set[str] = set()
    for name, field in model.model_fields.items():
        keys.add(field.alias or name)
        for inner in _models(field.annotation):
            if inner not in seen:
                keys |= _keys(inner, seen | {model})
    return keys


def _models(annotation: Any) -> Iterable[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models(argument)
