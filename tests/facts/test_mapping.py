"""Mapping files: what they say, and what they are told when they are wrong."""

import re
from pathlib import Path

import pytest

from merchantkit.documents import read_text
from merchantkit.errors import MappingError
from merchantkit.facts.intake.mapping import load_mapping, read_mapping

GOOD = """\
name: agency
zone: Europe/Berlin
date_formats: [d.m.yyyy]
exclude:
  - {column: Type, equals: [Sample, 7], reason: not_a_sale}
tables:
  orders:
    sum: [received_usd]
    columns:
      order_id: {join: [Year, Invoice], between: "/"}
      merchant_id: Supplier
      paid_at: Paid
      received_usd: Amount
      via: {when: Offer, then: {constant: quote_management}, otherwise: Channel}
      genuine: {constant: true}
"""


def read(text: str) -> object:
    return read_mapping(read_text(text, "agency.yaml", MappingError))


def test_a_mapping_names_every_header_that_it_reads() -> None:
    mapping = read_mapping(read_text(GOOD, "agency.yaml", MappingError))
    assert mapping.headers() == (
        *("Type", "Year", "Invoice", "Supplier", "Paid", "Amount", "Offer", "Channel"),
    )
    assert mapping.exclude[0].equals == ("Sample", "7")
    assert mapping.tables["orders"].columns["genuine"].constant == "true"
    assert mapping.clock.zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("name: agency", "name: ../x", 1, "pattern"),
        ("name: agency\n", "", 1, "name is missing"),
        ("Europe/Berlin", "Mars/Crater", 2, "no zone Mars/Crater"),
        ("d.m.yyyy", "d.q.yyyy", 3, "'q' means nothing"),
        ("date_formats", "date_format", 3, "unknown key date_format"),
        ("not_a_sale", "Not a sale", 5, "pattern"),
        ("  orders:", "  ordres:", 7, "no table ordres"),
        ("[received_usd]", "[paid_at]", 8, "can't be summed"),
        ("    sum:", "    sums:", 8, "unknown key tables.orders.sums"),
        ("join: [Year, Invoice]", "join: [Year]", 10, "join needs two headers"),
        ('between: "/"', 'between: " "', 10, "join needs two headers"),
        ("      merchant_id: Supplier\n", "", 9, "merchant_id is required"),
        ("paid_at: Paid", "payed_at: Paid", 12, "no column payed_at"),
        ("then: {constant: quote_management}, ", "", 14, "when and then go together"),
        ("{constant: true}", "{constant: true, header: X}", 15, "says header and constant"),
        ("{constant: true}", "{}", 15, "says nothing"),
        ("{constant: true}", "{constant: [1]}", 15, "valid string"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_remedy(
    old: str, new: str, line: int, what: str
) -> None:
    assert old in GOOD
    with pytest.raises(MappingError, match=re.escape(what)) as raised:
        read(GOOD.replace(old, new))
    assert raised.value.where == f"agency.yaml:{line}"
    assert raised.value.remedy


def test_a_mapping_is_found_by_name_or_by_path(tmp_path: Path, checkout: Path) -> None:
    assert load_mapping("scms").name == "scms"
    (tmp_path / "mine.yaml").write_text(GOOD, encoding="utf-8")
    assert load_mapping(tmp_path / "mine.yaml").name == "agency"
    for missing in ("nothing_such", tmp_path / "none.yaml"):
        with pytest.raises(MappingError, match="cannot be read"):
            load_mapping(missing)


def test_the_example_in_the_readme_is_a_mapping(checkout: Path) -> None:
    page = (checkout / "params" / "mappings" / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert example is not None
    assert read_mapping(read_text(example[1], "README.md", MappingError)).name == "agency"
