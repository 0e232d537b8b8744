"""YAML documents held against pydantic models, with errors that name file, line and remedy."""

import difflib
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from merchantkit.documents.lined_yaml import LinedYaml
from merchantkit.errors import MerchantkitError, RuleFileError

Model = TypeVar("Model", bound=BaseModel)


def refuse(what: str, remedy: str) -> PydanticCustomError:
    """Return a validation error that carries its remedy (raise it in a model's validator)."""
    escaped = what.replace("{", "{{").replace("}", "}}")
    return PydanticCustomError("refused", escaped, {"remedy": remedy})


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
    # pydantic adds "[key]" and the names of union branches; lines are looked up without them.
    return tuple(part for part in problem["loc"] if part != "[key]")


def _line(document: LinedYaml, problem: ErrorDetails) -> int:
    return int(document.where(_path(problem)).rpartition(":")[2])


def _what(problem: ErrorDetails) -> str:
    place = ".".join(str(part) for part in problem["loc"] if part != "[key]") or "the file"
    known = {
        "extra_forbidden": f"unknown key {place}",
        "missing": f"{place} is missing",
        "refused": f"{place}: {problem['msg']}",
    }
    return known.get(
        problem["type"], f"{place}: {problem['msg']}, not {str(problem['input'])[:60]!r}"
    )


def _remedy(problem: ErrorDetails, model: type[BaseModel]) -> str:
    if problem["type"] == "refused":
        return str(problem["ctx"]["remedy"])
    if problem["type"] == "missing":
        return f"add {problem['loc'][-1]}:"
    if problem["type"] == "extra_forbidden":
        close = difflib.get_close_matches(str(problem["loc"][-1]), _keys(model), n=1)
        return f"did you mean {close[0]}?" if close else "remove it, or correct its spelling"
    return "write it as the other rule files do"


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
