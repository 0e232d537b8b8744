"""Pieces of a page: templates that escape everything, and the object that a notebook shows."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from merchantkit.present import rules_text
from merchantkit.present.words import Words
from merchantkit.rulebook import ProgrammeRules, Provision


@dataclass(frozen=True)
class Html:
    """A piece of a page; a notebook cell that ends in one shows it."""

    markup: Markup

    def _repr_html_(self) -> str:
        return str(self.markup)

    def __repr__(self) -> str:
        # What a plain-text front end shows, and what keeps the notebook file small.
        return "<merchantkit page part>"


@cache
def environment() -> Environment:
    """Return the template environment: everything escaped, nothing silently undefined."""
    return Environment(
        loader=PackageLoader("merchantkit.present", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # which asks the disk about every template of every page
        cache_size=-1,
    )


def read_all() -> None:
    """Read every template, so that what is forked from this process need not."""
    for template in environment().list_templates():
        environment().get_template(template)


def rules_section(programmes: Iterable[ProgrammeRules], words: Words) -> Html:
    """Return every rule of some programmes: value, since when, status, slide, and why."""
    return render("rules", words, programmes=[_rules(rules, words) for rules in programmes])


# A month's pages have the same rules, and a Lab's are a few: both objects are their own keys.
@lru_cache(maxsize=64)
def _rules(rules: ProgrammeRules, words: Words) -> Markup:
    return render(
        "rules_programme", words, programme=rules, groups=_groups(rules), value=rules_text.value
    ).markup


def _groups(rules: ProgrammeRules) -> list[list[Provision]]:
    """Return the provisions of one slide, day and status together: a page says those once."""
    groups: dict[tuple[str, dt.date, str], list[Provision]] = {}
    for provision in rules.provisions():
        key = (provision.source.text, provision.since, provision.status)
        groups.setdefault(key, []).append(provision)
    return list(groups.values())


def render(template: str, words: Words, **context: Any) -> Html:
    """Return a template filled in for a language; ``w`` is its words, ``t`` its texts by key."""
    text = environment().get_template(f"{template}.html.j2").render(w=words, t=words.t, **context)
    return Html(Markup(text))  # noqa: S704 - the template has escaped every value
