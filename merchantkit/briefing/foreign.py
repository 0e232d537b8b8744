"""What would run, or be fetched, that is not ours: a name that came in unescaped."""

import html
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

_FORBIDDEN = (
    "applet", "base", "embed", "form", "frame", "iframe", "noscript", "object", "portal",
    "template",
)  # fmt: skip
# Elements that may tell something without any attribute.
TELLING = frozenset({*_FORBIDDEN, "link", "meta", "script", "style"})
# What nearly every tag has at most, and nothing can come of.
PLAIN = frozenset({"aria-label", "class", "colspan", "id", "lang", "role", "rowspan", "scope"})

_FETCHED = frozenset({
    "action", "attributionsrc", "background", "data", "dynsrc", "formaction", "lowsrc", "manifest",
    "poster", "src",
})  # fmt: skip
_FETCHED_LISTS = frozenset({"imagesrcset", "srcset"})
# Where SVG takes what CSS takes, and what its animations put there.
_STYLED = frozenset({
    "by", "clip-path", "cursor", "fill", "filter", "from", "marker", "marker-end", "marker-mid",
    "marker-start", "mask", "stroke", "style", "to", "values",
})  # fmt: skip
_ANIMATIONS = frozenset({"animate", "animatemotion", "animatetransform", "set"})

# As the URL standard reads an address: these go from its ends, and those from anywhere in it.
_ENDS = "".join(map(chr, range(0x21)))
_ANYWHERE = str.maketrans({"\t": None, "\n": None, "\r": None, "\f": None, "\\": "/"})
_OWN_DATA = r"data:(?:image|font|audio|video)/"
_ELSEWHERE = re.compile(rf"//|(?!{_OWN_DATA})[a-z][a-z0-9+.-]*:", re.I)
_RUNS = re.compile(r"(?:javascript|vbscript|livescript|data|blob|filesystem):", re.I)
_DRAWS_ITSELF = re.compile(r"data:image/svg", re.I)

_CSS_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})(?:\r\n|\s)?|\r?\n|(.))", re.I)
# A text may be an address, too (image-set), unless it is what an attribute is compared with; of
# texts that only begin with a word and a colon there are others.
_CSS_SCHEMES = rf"(?:https?|wss?|ftp|file|blob|filesystem|javascript|(?!{_OWN_DATA})data):"
_CSS_ELSEWHERE = re.compile(
    rf"@import|url\([\x00-\x20'\"]*(?:{_ELSEWHERE.pattern})"
    rf"|(?<!=)['\"][\x00-\x20]*(?://|{_CSS_SCHEMES})",
    re.I,
)
_XML_ONLY = re.compile(
    rf"<!entity|<\?(?!xml[\s?])|<[^\s<>/:]+:(?:{'|'.join(sorted(TELLING))})\b", re.I
)
_MARKDOWN_ADDRESS = re.compile(
    r"\]\(\s*<?([^\n>)]*)|\]:\s*<?(\S*)|<([a-z][a-z0-9+.-]*:[^\s<>]*)>", re.I
)
_MARKDOWN_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def in_tag(tag: LexborNode, name: str, attributes: dict[str, str]) -> Iterator[str]:
    """Find what is foreign in an element and its attributes, whose names are in lower case."""
    if name in _FORBIDDEN:
        yield f"foreign_element {name}"
    if name == "script" and not _is_our_script(tag, attributes):
        yield "foreign_script"
    if name == "link" and not _is_asset(attributes.get("href", "")):
        yield "foreign_link"
    if name == "meta" and attributes.get("http-equiv", "").strip().lower() == "refresh":
        yield "foreign_refresh"
    if name == "style" and _is_styled_elsewhere(tag.text()):
        yield "foreign_style"
    if name in _ANIMATIONS and _is_address(attributes.get("attributename", "").strip().lower()):
        yield "foreign_animation"
    for attribute, value in attributes.items():
        if attribute not in PLAIN:
            yield from _in_attribute(name, attribute, value)


def in_svg(text: str) -> Iterator[str]:
    """Find what only XML reads in an SVG document: entities, instructions, prefixed elements."""
    if _XML_ONLY.search(text):
        yield "foreign_markup"


def in_markdown(text: str) -> Iterator[str]:
    """Find what is foreign in Markdown's own links and images, not in the HTML in it."""
    # Which of its addresses an image takes is not looked into: then none may be elsewhere.
    has_images = "![" in text
    for parts in _MARKDOWN_ADDRESS.findall(text):
        address = html.unescape(_MARKDOWN_ESCAPE.sub(r"\1", "".join(parts)))
        if _runs(address):
            yield "foreign_href"
        elif has_images and _is_elsewhere(address):
            yield "foreign_source"


def _in_attribute(element: str, name: str, value: str) -> Iterator[str]:
    if name.startswith("on"):
        yield f"foreign_handler {name}"
    if name == "ping":
        yield "foreign_ping"
    if name in _FETCHED and _is_elsewhere(value):
        yield f"foreign_source {name}"
    # A comma parts candidates here and there only; the parts are looked at as if it always did.
    if name in _FETCHED_LISTS and any(map(_is_elsewhere, re.split(r"[\s,]+", value))):
        yield f"foreign_source {name}"
    if _is_address(name):
        if _runs(value) and not (element == "image" and _is_own_image(value)):
            yield "foreign_href"
        elif (element, name) != ("a", "href") and _is_elsewhere(value):
            yield f"foreign_source {name}"
    if name in _STYLED and _is_styled_elsewhere(value):
        yield "foreign_style"


def _is_address(name: str) -> bool:
    # SVG as XML may call the prefix what it likes.
    return name == "href" or name.endswith(":href")


def _address(value: str) -> str:
    return value.strip(_ENDS).translate(_ANYWHERE)


def _is_elsewhere(value: str) -> bool:
    return bool(_ELSEWHERE.match(_address(value)))


def _runs(value: str) -> bool:
    return bool(_RUNS.match(_address(value)))


def _is_own_image(value: str) -> bool:
    address = _address(value)
    return not (_ELSEWHERE.match(address) or _DRAWS_ITSELF.match(address))


def _is_styled_elsewhere(css: str) -> bool:
    plain = _CSS_ESCAPE.sub(_unescaped, css).translate(_ANYWHERE)
    return bool(_CSS_ELSEWHERE.search(plain))


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(min(int(escape[1], 16), 0x10FFFF))
    return escape[2] or ""


def _is_our_script(tag: LexborNode, attributes: dict[str, str]) -> bool:
    if attributes.get("type") == "application/json":
        return "src" not in attributes
    return _is_asset(attributes.get("src", "")) and not tag.text().strip()


def _is_asset(address: str) -> bool:
    return bool(re.fullmatch(r"(?:\.\./\.\./)?assets/[a-z.]+\?v=[0-9a-f]+", address))
