"""YAML documents that a person writes: read with line numbers, held against a model."""

from merchantkit.documents.lined_yaml import LinedYaml, read_file, read_text
from merchantkit.documents.validate import refuse, validate

__all__ = ["LinedYaml", "read_file", "read_text", "refuse", "validate"]
