"""Names of folders and files: only safe characters ever reach a path, whatever the id holds."""

import hashlib
import re

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST = 24


def slug(merchant_id: str) -> str:
    """Return the folder name of a merchant: the id's safe characters and eight digits of its hash.

    The hash keeps apart what the safe characters do not, also where the file system folds case.

    Args:
        merchant_id: Any text, from a stranger.

    >>> slug("M1001")
    'M1001-238d57a7'
    >>> slug("../../etc/passwd")
    'etcpasswd-3754d6cb'
    >>> slug("深圳")
    'x-1bb5e398'
    """
    safe = _UNSAFE.sub("", merchant_id)[:_LONGEST] or "x"
    return f"{safe}-{_digest(merchant_id)}"


def label_part(text: str) -> str:
    """Return a text as a part of a folder's name; a hash is added where something was lost.

    >>> label_part("reform-2022"), label_part("改革")
    ('reform-2022', 'x-1a365295')
    """
    safe = _UNSAFE.sub("", text)[:_LONGEST]
    return text if safe == text and text else f"{safe or 'x'}-{_digest(text)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
