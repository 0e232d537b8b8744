"""YAML read with its line numbers, exact decimals, and none of the surprises of YAML 1.1."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from merchantkit.errors import MerchantkitError, RuleFileError

Keys = tuple[str, ...]

# Only these plain scalars are anything but text: NO stays a country, 12:30 a text.
_SCALARS: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile(r"(~|null|)"), lambda text: None),
    (re.compile(r"true|false"), lambda text: text == "true"),
    (re.compile(r"-?(0|[1-9][0-9]*)"), int),
    (re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+"), Decimal),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), dt.date.fromisoformat),
    (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}"), dt.datetime.fromisoformat),
)


# What plain YAML resolves to by itself.
_KINDS = "str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value"
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in _KINDS}


@dataclass(frozen=True)
class LinedYaml:
    """A document as plain Python, and the line on which each of its keys stands."""

    name: str
    data: Any
    lines: dict[Keys, int]

    def where(self, path: tuple[object, ...] = ()) -> str:
        """Return ``file:line`` of the nearest part of the path that the document has."""
        keys = tuple(str(key) for key in path)
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return f"{self.name}:{self.lines.get(keys, 1)}"


def read_file(file: Path, error: type[MerchantkitError] = RuleFileError) -> LinedYaml:
    """Return a YAML file as data with lines.

    Raises:
        MerchantkitError: It cannot be read, is not UTF-8, or is not such YAML.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as broken:
        line = broken.object.count(b"\n", 0, broken.start) + 1
        raise error(
            "the file is not UTF-8",
            where=f"{file.name}:{line}",
            remedy="save it as UTF-8",
        ) from None
    except OSError as broken:
        raise error(
            f"the file cannot be read: {broken.strerror or type(broken).__name__}",
            where=str(file),
            remedy="name a YAML file that exists",
        ) from None
    return read_text(text, file.name, error)


def read_text(text: str, name: str, error: type[MerchantkitError] = RuleFileError) -> LinedYaml:
    r"""Return a YAML text as data with lines.

    Plain scalars are null, true/false, whole numbers, decimals (exact), ISO dates and moments;
    everything else is text.

    Args:
        text: The document.
        name: What errors call it, usually the file's name.
        error: The kind of error to raise.

    Raises:
        MerchantkitError: The YAML is broken, repeats a key, or uses anchors or tags.

    >>> read_text("a: 0.10\nb: NO", "x.yaml").data
    {'a': Decimal('0.10'), 'b': 'NO'}
    """
    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        raise error(
            f"not readable as YAML: {_complaint(broken)}",
            where=f"{name}:{mark.line + 1}" if mark else name,
            remedy=_mend(text, mark.line) if mark else "write it anew",
        ) from None
    reader = _Reader(name, error)
    data = reader.value(root, ()) if root is not None else None
    return LinedYaml(name, data, reader.lines)


def _complaint(broken: yaml.YAMLError) -> str:
    parts = (getattr(broken, "context", None), getattr(broken, "problem", None))
    return ", ".join(part for part in parts if part) or str(broken)


def _mend(text: str, line: int) -> str:
    lines = text.splitlines()
    if line < len(lines) and "\t" in lines[line]:
        return "indent with spaces: YAML takes no tabs"
    return "mend the indentation, quotes or brackets at that line, or just before it"


class _Reader:
    def __init__(self, name: str, error: type[MerchantkitError]) -> None:
        self.name = name
        self.error = error
        self.lines: dict[Keys, int] = {}
        self.seen: set[int] = set()

    def value(self, node: yaml.Node, path: Keys) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self.seen:
            # The node itself stands where its anchor is; the key before it stands here.
            what, remedy = "an alias (*name)", "write the value out where it is used"
            raise self.error(what, where=f"{self.name}:{self.lines[path]}", remedy=remedy)
        self.seen.add(id(node))
        if node.tag not in _TAGS:
            raise self.refuse(node, f"a tag ({node.tag})", "remove it: values need no tag")
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, str(i))) for i, item in enumerate(node.value)]
        return self.scalar(node)

    def mapping(self, node: yaml.MappingNode, path: Keys) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.scalar(key_node)
            inner = (*path, str(key))
            if inner in self.lines:
                first = self.lines[inner]
                what = f"{key} stands twice, first on line {first}"
                raise self.refuse(key_node, what, "keep one of the two")
            self.lines[inner] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, inner)
        return found

    def scalar(self, node: yaml.Node) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            raise self.refuse(node, "a key that is a list or mapping", "use a plain word as key")
        if node.style in ("'", '"', "|", ">"):
            return node.value
        for pattern, make in _SCALARS:
            if pattern.fullmatch(node.value):
                try:
                    return make(node.value)
                except ValueError:
                    raise self.refuse(
                        node, f"{node.value} does not exist", "write a day that the calendar has"
                    ) from None
        return node.value

    def refuse(self, node: yaml.Node, what: str, remedy: str) -> MerchantkitError:
        where = f"{self.name}:{node.start_mark.line + 1}"
        return self.error(what, where=where, remedy=remedy)
