"""The words of the kit in Chinese and English, and numbers written as each language writes them."""

from merchantkit.present.words.catalogue import LANGUAGES, Words, words

__all__ = ["LANGUAGES", "Words", "words"]
