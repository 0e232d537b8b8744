"""What would run, or be fetched, that is not ours: a name that came in unescaped."""

import html
import re
from collections.abc import Iterator

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
# What a reader follows, rather than the page.
_FOLLOWED = frozenset({("a", "href"), ("area", "href")})
_DRAWN = frozenset({"feimage", "image"})
_ANIMATIONS = frozenset({"animate", "animatemotion", "animatetransform", "set"})

# As the URL standard reads an address: these go from its ends, and those from anywhere in it.
_ENDS = "".join(map(chr, range(0x21)))
_ANYWHERE = str.maketrans({"\t": None, "\n": None, "\r": None, "\f": None, "\\": "/"})
_OWN_DATA = r"data:(?:(?:image|font|audio|video)/|application/(?:x-)?font-)"
_ELSEWHERE = re.compile(rf"//|(?!{_OWN_DATA})[a-z][a-z0-9+.-]*:", re.I)
_RUNS = re.compile(r"(?:javascript|vbscript|livescript|data|blob|filesystem):", re.I)
_DRAWS_ITSELF = re.compile(r"data:image/svg", re.I)

_CSS_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})(?:\r\n|\s)?|\r?\n|(.))", re.I)
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)
_CSS_SCHEMES = rf"(?:https?|wss?|ftp|file|blob|filesystem|javascript|(?!{_OWN_DATA})data):"
_CSS_ELSEWHERE = re.compile(rf"@import|url\([\x00-\x20'\"]*(?:{_ELSEWHERE.pattern})", re.I)
# These take a text for an address, or keep one (a custom property) for what does. Where they end
# is not looked for: texts with brackets, semicolons and escapes in them would tell wrong.
_CSS_TAKES_TEXT = re.compile(r"image(?:-set)?\(|src\(|--", re.I)
# Not what an attribute is compared with; texts that only begin with a word and a colon are many.
_CSS_TEXT = re.compile(rf"(?<!=)['\"][\x00-\x20]*(?://|{_CSS_SCHEMES})", re.I)
_XML_ONLY = re.compile(
    rf"<!entity|<\?(?!xml[\s?])|<[^\s<>/:]+:(?:{'|'.join(sorted(TELLING))})\b", re.I
)
# No address reaches over what may begin another: were it none itself, it would hide that one.
_MARKDOWN_ADDRESS = re.compile(
    r"\]\([\s<>]*(?P<inline>[^\n<>)\]]*)|\]:[\s<>]*(?P<defined>[^\s<\]]*)"
    r"|<(?P<itself>[a-z][a-z0-9+.-]*:)(?=[^\s<>]*>)",
    re.I,
)
# An image or link whose text leaves no doubt where it began: no bracket in it may be escaped, or
# within code, mathematics, a tag, or another's address or title, which would end with a
# parenthesis that began before. A link's text may be an image.
_PLAINLY = r"[^\[\]()\\`<>$]"
_MARKDOWN_BEGINS = re.compile(
    rf"(?:(?<![\\!])|(?<!\\)(?P<image>!))(?=\[(?:{_PLAINLY}|\((?:(?![\"']){_PLAINLY})*\)"
    rf"|!\[{_PLAINLY}*\]\([^\s\[\]()\\`<>$\"']*\))*(?P<at>\]\())"
)
_MARKDOWN_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def in_tag(name: str, attributes: dict[str, str], text: str) -> Iterator[str]:
    """Find what is foreign in an element.

    Args:
        name: Its name.
        attributes: Its attributes, whose names are in lower case.
        text: What a script or style holds.
    """
    if name in _FORBIDDEN:
        yield f"foreign_element {name}"
    if name == "script" and not _is_our_script(attributes, text):
        yield "foreign_script"
    if name == "link" and not _is_asset(attributes.get("href", "")):
        yield "foreign_link"
    if name == "meta" and attributes.get("http-equiv", "").strip().lower() == "refresh":
        yield "foreign_refresh"
    if name == "style" and _is_styled_elsewhere(text):
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
    # Which of its definitions an image takes is not looked into: then none may be elsewhere.
    has_images = "![" in text
    is_image = {m.start("at"): m["image"] is not None for m in _MARKDOWN_BEGINS.finditer(text)}
    for found in _MARKDOWN_ADDRESS.finditer(text):
        written = found[found.lastgroup or 0]
        address = html.unescape(_MARKDOWN_ESCAPE.sub(r"\1", written))
        image = False if found["itself"] else is_image.get(found.start())
        may_be_drawn = has_images if image is None else image
        own = image or (may_be_drawn and _is_own_image(address))
        if _runs(address) and not own:
            yield "foreign_href"
        elif may_be_drawn and _is_elsewhere(address) and not _is_attached(address):
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
        if _runs(value) and not (element in _DRAWN and _is_own_image(value)):
            yield "foreign_href"
        elif (element, name) not in _FOLLOWED and _is_elsewhere(value):
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


def _is_attached(value: str) -> bool:
    # To the cell itself, in the notebook.
    return _address(value).lower().startswith("attachment:")


def _is_own_image(value: str) -> bool:
    address = _address(value)
    return not (_ELSEWHERE.match(address) or _DRAWS_ITSELF.match(address))


def _is_styled_elsewhere(css: str) -> bool:
    plain = _CSS_ESCAPE.sub(_unescaped, css).translate(_ANYWHERE)
    # With its comments, too: what looks like one may be within a text.
    return any(map(_takes_from_elsewhere, (plain, _CSS_COMMENT.sub("", plain))))


def _takes_from_elsewhere(css: str) -> bool:
    takes = _CSS_TAKES_TEXT.search(css)
    return bool(_CSS_ELSEWHERE.search(css) or (takes and _CSS_TEXT.search(css, takes.end())))


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(min(int(escape[1], 16), 0x10FFFF))
    return escape[2] or ""


def _is_our_script(attributes: dict[str, str], text: str) -> bool:
    if attributes.get("type") == "application/json":
        return "src" not in attributes
    return _is_asset(attributes.get("src", "")) and not text.strip()


def _is_asset(address: str) -> bool:
    return bool(re.fullmatch(r"(?:\.\./\.\./)?assets/[a-z.]+\?v=[0-9a-f]+", address))
