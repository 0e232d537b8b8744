"""Number formats of workbooks: what Excel shows of a cell beside the number that it holds."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# Quoted, escaped, as wide as a mark, repeated, in brackets (a colour, a language): none of it is
# a placeholder. Only [h], [m] and [s] are, of times that run on.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms])[^\]]*\]', re.IGNORECASE)
# The same for numbers, told apart. Some programs write the name that General has in menus.
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*(?P<repeated>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/通用格式)|(?P<mark>.)",
    re.DOTALL | re.IGNORECASE,
)
_COLOUR = re.compile("black|blue|cyan|green|magenta|red|white|yellow|color.*", re.IGNORECASE)
_CURRENCY = re.compile(r"\$(?P<sign>[^-]*).*")
# Marks that Excel shows without quotes, as it does all that is not ASCII.
_BARE = frozenset("$-+/():!^&'~{}<>= ")


@lru_cache
def has_time(code: str) -> bool:
    """Return whether a format of days shows a time of day as well.

    >>> has_time("m/d/yy h:mm"), has_time('yyyy"years"m')
    (True, False)
    """
    return any(mark in _LITERAL.sub("", code).lower() for mark in "hs")


@lru_cache
def is_percent(code: str) -> bool:
    r"""Return whether a format shows a number a hundredfold, with the sign behind it.

    >>> is_percent("0.0%"), is_percent(r"0.0\%"), is_percent('0"%"')
    (True, False, False)
    """
    return "%" in _LITERAL.sub("", code)


def shown_number(whole: int, code: str) -> str:
    """Return a whole number in digits, with the zeros that its format puts before it.

    >>> shown_number(7, "00000"), shown_number(123, "000000;@"), shown_number(7, '000"件"')
    ('00007', '000123', '7')
    """
    shape = _shape(whole, code)
    if shape.is_mask and whole >= 0 and not shape.literals:
        return _masked(whole, shape)
    return str(whole)


def shown_id(whole: int, code: str) -> str | None:
    """Return an id as Excel shows it; None where that cannot be said.

    It can for zeros and what stands between them. What else groups digits is no part of an id.

    >>> shown_id(1234567, "000-000"), shown_id(7, '"A"000'), shown_id(1234, "#,##0")
    ('1234-567', 'A007', '1234')
    >>> shown_id(7, '"A"#'), shown_id(210001000000, "0.00E+00")
    (None, None)
    """
    shape = _shape(whole, code)
    if not shape.certain:
        return None
    if shape.is_mask and whole >= 0:
        return _masked(whole, shape)
    return None if shape.literals.strip() else str(whole)


class _Shape(NamedTuple):
    """One section of a format: where digits go, and what stands between them.

    Args:
        parts: What stands in it, in order, and whether it is shown as it is.
        certain: Whether all of it is known, and no condition chooses the section.
    """

    parts: tuple[tuple[str, bool], ...]
    certain: bool

    @property
    def places(self) -> str:
        return "".join(text for text, literal in self.parts if not literal)

    @property
    def literals(self) -> str:
        return "".join(text for text, literal in self.parts if literal)

    @property
    def is_mask(self) -> bool:
        return self.certain and set(self.places) == {"0"}


def _masked(whole: int, shape: _Shape) -> str:
    count = len(shape.places)
    digits = str(whole).zfill(count)
    # What is more than there are places stands in the first.
    first = len(digits) - count + 1
    filled = iter([digits[:first], *digits[first:]])
    return "".join(text if literal else next(filled) for text, literal in shape.parts)


def _shape(whole: int, code: str) -> _Shape:
    """Return the section that shows a number: the first, but for zero, which may have the third."""
    shapes = _shapes(code)
    if len(shapes) > 1 and "@" in shapes[-1].places:
        shapes = shapes[:-1]  # that of texts
    return shapes[2] if whole == 0 and len(shapes) > 2 else shapes[0]


@lru_cache
def _shapes(code: str) -> tuple[_Shape, ...]:
    sections: list[list[tuple[str, bool]]] = [[]]
    certain = True
    for text, literal in _parts(code):
        if text is None:
            certain = False
        elif text == ";" and not literal:
            sections.append([])
        else:
            sections[-1].append((text, literal))
    return tuple(_Shape(tuple(parts), certain) for parts in sections)


def _parts(code: str) -> Iterator[tuple[str | None, bool]]:
    """Yield what stands in a format and whether it is shown as it is; None is beyond us."""
    for token in _TOKEN.finditer(code):
        match token.lastgroup, token[token.lastgroup or 0]:
            case "quoted" | "escaped", text:
                yield text, True
            case "repeated", text if text != " ":
                yield None, False
            case "bracket", text if sign := _CURRENCY.fullmatch(text):
                yield sign["sign"], True
            case "bracket", text if not _COLOUR.fullmatch(text):
                # A condition, or digits of another script.
                yield None, False
            case "mark", text:
                exponent = text in "eE"
                yield (None if exponent else text), text in _BARE or not text.isascii()
