"""What every page says before its content: language, title, assets, and what it may fetch."""

from dataclasses import dataclass, field

PLOTLY_MIME = "application/vnd.plotly.v1+json"
HTML_LANG = {"zh": "zh-CN", "en": "en"}
# What a merchant's page may fetch: its own folder's files and nothing else, whatever got into it.
POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file: 'unsafe-inline'; "
    "img-src 'self' file: data:; font-src 'self' file: data:; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Head:
    """What a page says about itself.

    Attributes:
        up: The way from the page's folder to the month's folder (``../../`` or empty).
        versions: Each asset's name → hash, so that no browser shows an old one.
    """

    lang: str
    title: str
    up: str
    versions: dict[str, str] = field(default_factory=dict)

    def asset(self, name: str) -> str:
        """Return the address of a shared asset."""
        return f"{self.up}assets/{name}?v={self.versions.get(name, '0')}"
