"""Files to chunks of text: three formats, two encodings, three delimiters, and broken ones."""

import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merchantkit.errors import IntakeError
from merchantkit.facts.readers import Chunk, open_export
from merchantkit.facts.readers.formulas import may_lack_values


def read(path: Path, size: int = 100_000) -> list[Chunk]:
    (source,) = open_export(path).sources
    return list(source.chunks(source.headers, size))


def columns(path: Path) -> dict[str, list[str | None]]:
    chunks = read(path)
    return {
        name: [text for chunk in chunks for text in chunk.columns[name].to_pylist()]
        for name in chunks[0].columns
    }


def rows(path: Path, size: int = 100_000) -> list[int]:
    return [int(row) for chunk in read(path, size) for row in chunk.rows]


SHEET = "xl/worksheets/sheet1.xml"


def rewrite(source: Path, target: Path, part: str, changes: dict[bytes, bytes]) -> None:
    """Copy a workbook, and change what one of its parts says."""
    with zipfile.ZipFile(source) as whole, zipfile.ZipFile(target, "w") as other:
        for name in whole.namelist():
            content = whole.read(name)
            for old, new in changes.items() if name == part else ():
                assert old in content
                content = content.replace(old, new)
            other.writestr(name, content)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_whatever_its_encoding_and_delimiter(
    file: Path, encoding: str, delimiter: str
) -> None:
    lines = [["订单号", "公司名称"], ["007", '深圳"甲"，乙'], ["NA", "two\nlines"]]
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(lines)
    file.write_bytes(buffer.getvalue().encode(encoding))
    assert columns(file) == {
        "订单号": ["007", "NA"],
        "公司名称": ['深圳"甲"，乙', "two\nlines"],
    }


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_delimiter_is_found_whatever_lines_and_marks_the_headers_hold(
    file: Path, delimiter: str
) -> None:
    headers = ["公司\n名称, 全称; 或\t简称", "订单号"]
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([headers, ["甲", "007"]])
    file.write_text(buffer.getvalue())
    assert columns(file) == dict(zip(headers, [["甲"], ["007"]], strict=True))


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_first_line_may_be_long(file: Path, delimiter: str) -> None:
    headers = [f"{at:0199}" for at in range(700)]  # 200 × 700 − 1 characters, over 2 ** 17
    file.write_text(delimiter.join(headers) + "\n" + delimiter.join(["1"] * 700) + "\n")
    assert columns(file) == {header: ["1"] for header in headers}


def test_a_cell_beyond_all_bounds_is_an_error(file: Path) -> None:
    file.write_text("x" * (2**17 + 1))
    with pytest.raises(IntakeError, match="field larger than field limit"):
        read(file)


def test_rows_are_numbered_as_a_spreadsheet_shows_them(file: Path) -> None:
    file.write_text('a,b\n1,"x\ny"\n\n,\n2,z\n')
    assert rows(file) == [2, 5]
    assert rows(file, size=1) == [2, 5]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_rows_of_nothing_but_blanks_are_no_rows(tmp_path: Path, suffix: str) -> None:
    cells = [["1", "x"], [" ", None], [None, None], [None, "unread"], ["\u3000", " "], ["2", ""]]
    path = tmp_path / f"a.{suffix}"
    if suffix == "csv":
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([["id", "note"], *cells])
    elif suffix == "xlsx":
        book = openpyxl.Workbook()
        for line in (["id", "note"], *cells):
            book.active.append(line)
        book.save(path)
    else:
        ids, notes = map(list, zip(*cells, strict=True))
        pq.write_table(pa.table({"id": ids, "note": notes}), path)
    (source,) = open_export(path).sources
    for size in (1, 100):
        found = [int(row) for chunk in source.chunks(["id"], size) for row in chunk.rows]
        assert found == [2, 5, 7]


def test_rows_of_nothing_in_any_type_are_no_rows(file: Path) -> None:
    table = pa.table(
        {
            "id": pa.array(["1", None, None, None]),
            "real": pa.array([None, float("nan"), 0.0, None]),
            "half": pa.array([None, float("nan"), None, None], pa.float16()),
            "code": pa.array([None, " ", None, None]).dictionary_encode(),
            "list": pa.array([None, None, None, [1]]),
            "none": pa.nulls(4),
        }
    )
    pq.write_table(table, file)
    (source,) = open_export(file).sources
    for wanted in (["id"], ["id", "real", "half", "code"]):
        (chunk,) = source.chunks(wanted)
        assert chunk.rows.tolist() == [2, 4, 5]
        assert chunk.columns["id"].to_pylist() == ["1", None, None]


def test_flaws_keep_to_their_rows_where_blank_ones_go(file: Path) -> None:
    pq.write_table(pa.table({"id": pa.array([None, 7.0, None, 1e17, None, 2e17])}), file)
    (chunk,) = read(file)
    assert chunk.rows.tolist() == [3, 5, 7]
    assert [flaw.position for flaw in chunk.flaws] == [1, 2]


def test_blanks_beyond_the_headers_are_no_cells_too_many(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1, ,\n")
    book = openpyxl.Workbook()
    for line in (["a"], ["1", " "]):
        book.active.append(line)
    book.save(tmp_path / "a.xlsx")
    for name in ("a.csv", "a.xlsx"):
        (chunk,) = read(tmp_path / name)
        assert not chunk.flaws


def test_ragged_rows_are_flawed_not_shifted(file: Path) -> None:
    file.write_text("a,b\n1,2\n3\n4,5,6\n7,8,,\n")
    (chunk,) = read(file)
    assert [(flaw.position, flaw.header, flaw.reason) for flaw in chunk.flaws] == [
        (1, None, "too_few_cells"),
        (2, None, "too_many_cells"),
    ]
    assert chunk.columns["b"].to_pylist() == ["2", None, "5", "8"]


def test_what_guards_a_cell_against_excel_is_no_part_of_it(file: Path) -> None:
    file.write_text('="id","=""day"""\n="007","=""2021-05"""\n="" ,"=1+1"\n"=""a""b""",=""\n')
    assert columns(file) == {"id": ["007", None, '="a"b"'], "day": ["2021-05", "=1+1", None]}


def test_an_id_that_excel_shortened_is_flawed_and_a_number_is_not(file: Path) -> None:
    ids = ["2.10001E+15", "1E+05 ", '="2.1E+15"', "1E5", "2.10001E15", "12.1E+15", "A1E+15"]
    file.write_text("id,usd\n" + "".join(f"{each},1.2E+05\n" for each in ids))
    (source,) = open_export(file).sources
    (chunk,) = source.chunks(source.headers, ids=["id"])
    assert [(flaw.position, flaw.header, flaw.value, flaw.reason) for flaw in chunk.flaws] == [
        (0, "id", "2.10001E+15", "digits_lost"),
        (1, "id", "1E+05 ", "digits_lost"),
        (2, "id", "2.1E+15", "digits_lost"),
    ]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_an_id_that_was_shortened_before_is_flawed_in_every_format(
    tmp_path: Path, suffix: str
) -> None:
    ids, file = ["1.2E+17", "1e+17", "1E17", "007"], tmp_path / f"ids.{suffix}"
    if suffix == "csv":
        file.write_text("id,note\n" + "".join(f"{each},{each}\n" for each in ids))
    elif suffix == "xlsx":
        book = openpyxl.Workbook()
        for line in (["id", "note"], *([each, each] for each in ids)):
            book.active.append(line)
        book.save(file)
    else:
        texts = pa.array(ids)
        pq.write_table(pa.table({"id": texts.dictionary_encode(), "note": texts}), file)
    (source,) = open_export(file).sources
    (chunk,) = source.chunks(source.headers, ids=["id"])
    assert [tuple(flaw) for flaw in chunk.flaws] == [
        (0, "id", "1.2E+17", "digits_lost"), (1, "id", "1e+17", "digits_lost"),
    ]  # fmt: skip


def test_only_the_wanted_columns_are_read(file: Path) -> None:
    file.write_text("a,b,a\n1,2,3\n")
    (source,) = open_export(file).sources
    (chunk,) = source.chunks(["b"])
    assert list(chunk.columns) == ["b"]
    with pytest.raises(IntakeError, match="'a' is there 2 times"):
        list(source.chunks(["a"]))


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\n1,2\n", "no headers"),
        ("a.csv", b'a,b\n1,"two', "unexpected end of data"),
        ("a.csv", '订单号,名\n1,"甲'.encode()[:-1], "middle of a character"),
        ("a.csv", b"a,b\n\xff\xff\xff\xff,1\n", "characters are not utf-8 or gb18030"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "password-protected"),
        ("a.xlsx", b"PK\x03\x04 broken", "damaged"),
        ("a.xlsx", b"<html>", "content is not that of a .xlsx"),
        ("a.parquet", b"PAR1 broken", "damaged"),
        ("a.parquet", b"id,name\n", "content is not that of a .parquet"),
    ],
)
def test_an_unreadable_file_is_an_error_that_says_why(
    tmp_path: Path, name: str, content: bytes, what: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(IntakeError, match=what) as raised:
        read(tmp_path / name)
    assert name in str(raised.value.where)
    assert raised.value.remedy


def test_a_missing_file_or_a_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="No such file"):
        open_export(tmp_path / "none.csv")
    with pytest.raises(IntakeError, match="directory"):
        open_export(tmp_path)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_a_workbook_or_parquet_file_that_breaks_off_is_an_error(
    tmp_path: Path, keep: float
) -> None:
    book = openpyxl.Workbook()
    for at in range(50):
        book.active.append([str(at), "x" * 50])
    book.save(tmp_path / "whole.xlsx")
    pq.write_table(pa.table({"a": list(range(500))}), tmp_path / "whole.parquet")
    for whole in (tmp_path / "whole.xlsx", tmp_path / "whole.parquet"):
        content = whole.read_bytes()
        part = whole.with_stem("part")
        part.write_bytes(content[: int(len(content) * keep)])
        with pytest.raises(IntakeError):
            read(part)


@pytest.mark.parametrize(
    ("part", "good", "bad"),
    [
        (SHEET, b"<v>7</v>", b"<v>seven</v>"),
        (SHEET, b' s="1"', b' s="99"'),
        (SHEET, b' t="inlineStr"><is><t>x</t></is>', b' t="s"><v>99</v>'),
        (SHEET, b'r="A2"', b'r="2A"'),
        ("xl/workbook.xml", b"<sheets>", b'<sheets count="x"><sheet/>'),
    ],
)
def test_a_workbook_whose_parts_say_what_they_cannot_is_an_error(
    tmp_path: Path, part: str, good: bytes, bad: bytes
) -> None:
    book = openpyxl.Workbook()
    for line in (["id", "name"], [7, "x"]):
        book.active.append(line)
    book.active["A2"].number_format = "000"
    book.save(tmp_path / "whole.xlsx")
    rewrite(tmp_path / "whole.xlsx", tmp_path / "odd.xlsx", part, {good: bad})
    with pytest.raises(IntakeError, match="the workbook is damaged"):
        read(tmp_path / "odd.xlsx")


def test_a_workbook_whose_packed_bytes_are_spoiled_is_an_error(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id"])
    book.save(tmp_path / "book.xlsx")
    content = bytearray((tmp_path / "book.xlsx").read_bytes())
    with zipfile.ZipFile(tmp_path / "book.xlsx") as whole:
        part = whole.getinfo(SHEET)
    # By hand: a local header is 30 bytes and the name; then no block of deflate begins with ff.
    start = part.header_offset + 30 + len(part.filename)
    content[start : start + 20] = b"\xff" * 20
    (tmp_path / "book.xlsx").write_bytes(content)
    with pytest.raises(IntakeError, match="the workbook is damaged"):
        read(tmp_path / "book.xlsx")


def test_cells_of_a_workbook_are_read_as_excel_shows_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["id", "when"])
    cells = [
        (7, "00000", "00007"),
        (123456789012345, "General", "123456789012345"),
        (7.0, "General", "7"),
        (0.285, "General", "0.285"),
        (0.153, "0.0%", "15.3%"),
        (0.07, "0%", "7%"),  # 0.07 * 100 is 7.000000000000001 in floats
        (1, "0%;[Red]-0%", "100%"),
        (15.3, r"0.0\%", "15.3"),
        (15.3, '0.0"%"', "15.3"),
        ("0042", "General", "0042"),
        (True, "General", "TRUE"),
        (dt.datetime(2021, 5, 31), "yyyy-mm-dd", "2021-05-31"),
        (dt.datetime(2021, 5, 31), "yyyy-mm-dd hh:mm", "2021-05-31 00:00:00"),
        (dt.datetime(2021, 5, 31, 8, 30), "m/d/yy h:mm", "2021-05-31 08:30:00"),
        (dt.datetime(2021, 5, 31), '[$-804]yyyy"years"m', "2021-05-31"),
    ]
    for row, (value, shown, _) in enumerate(cells, start=2):
        sheet.cell(row, 1, value).number_format = shown
    book.save(tmp_path / "cells.xlsx")
    assert columns(tmp_path / "cells.xlsx")["id"] == [text for *_, text in cells]
    assert all(not chunk.flaws for chunk in read(tmp_path / "cells.xlsx"))


def test_a_workbook_that_is_called_a_csv_is_read_all_the_same(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for value in ("id", "0042"):
        book.active.append([value])
    book.save(tmp_path / "book.xlsx")
    (tmp_path / "book.xlsx").rename(tmp_path / "book.csv")
    assert columns(tmp_path / "book.csv") == {"id": ["0042"]}


def test_digits_that_excel_lost_are_flawed(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for value in ("id", 10**15 - 1, 10**15, 1.23456789012346e18, "#N/A"):
        book.active.append([value])
    book.active["A5"].data_type = "e"
    book.save(tmp_path / "lost.xlsx")
    (chunk,) = read(tmp_path / "lost.xlsx")
    assert [(flaw.position, flaw.reason) for flaw in chunk.flaws] == [
        (1, "digits_lost"),
        (2, "digits_lost"),
        (3, "excel_error"),
    ]


def uncalculated(path: Path) -> None:
    """A workbook as a program writes it: rows 2 to 5 have formulas, and no values for them."""
    book = openpyxl.Workbook()
    for line in (["id", "n"], ["1", "=3+4"], ["2", "=5"], ["=A2"], ["4", '=""'], [], ["5", None]):
        book.active.append(line)
    book.save(path)


def test_a_formula_without_a_value_is_flawed_not_missing(tmp_path: Path) -> None:
    uncalculated(tmp_path / "made.xlsx")
    (chunk,) = read(tmp_path / "made.xlsx")
    assert chunk.rows.tolist() == [2, 3, 4, 5, 7]
    assert [(flaw.position, flaw.header, flaw.value, flaw.reason) for flaw in chunk.flaws] == [
        (0, "n", "=3+4", "formula_without_value"),
        (1, "n", "=5", "formula_without_value"),
        (2, "id", "=A2", "formula_without_value"),
        (3, "n", '=""', "formula_without_value"),
    ]


def test_a_calculated_formula_is_its_value_and_an_empty_text_is_one(tmp_path: Path) -> None:
    uncalculated(tmp_path / "made.xlsx")
    # As Excel writes it: a text says that it is one, and may be empty.
    saved = {
        b"<f>3+4</f><v />": b"<f>3+4</f><v>7</v>",
        b"<f>5</f><v />": b"<f>5</f>",
        b'<c r="A4"><f>A2</f><v />': b'<c r="A4" t="str"><f>A2</f><v>1</v>',
        b'<c r="B5"><f>""</f><v />': b'<c r="B5" t="str"><f>""</f><v></v>',
    }
    rewrite(tmp_path / "made.xlsx", tmp_path / "saved.xlsx", SHEET, saved)
    assert columns(tmp_path / "saved.xlsx") == {
        "id": ["1", "2", "1", "4", "5"],
        "n": ["7", "=5", None, None, None],
    }
    (chunk,) = read(tmp_path / "saved.xlsx")
    assert [(flaw.position, flaw.reason) for flaw in chunk.flaws] == [(1, "formula_without_value")]


@pytest.mark.parametrize(
    ("cell", "lacking"),
    [
        (b"<c><f>1</f></c>", True),
        (b"<c><f>1</f><v/></c>", True),
        (b"<x:c><x:f>1</x:f>\n<x:v></x:v></x:c>", True),
        (b'<c><f t="shared" si="0"/><v xml:space="preserve"> </v></c>', True),
        (b"<c><f>1</f><v>7</v></c>", False),
        (b'<c><f t="shared" si="0"/><v>7</v></c>', False),
        (b"<c><v/></c>", False),
    ],
)
@pytest.mark.parametrize("before", [0, 2**20 - 20, 2**20 - 5])
def test_a_formula_without_a_value_is_found_wherever_it_lies(
    file: Path, cell: bytes, lacking: bool, before: int
) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(SHEET, b" " * before + cell)
    assert may_lack_values(file) is lacking


def test_a_wrong_extent_cuts_no_rows_off(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for values in (["a", "b"], ["1", "2"], [], ["3", "4"]):
        book.active.append(values)
    book.save(tmp_path / "right.xlsx")
    extent = {b'<dimension ref="A1:B4"': b'<dimension ref="A1"'}
    rewrite(tmp_path / "right.xlsx", tmp_path / "wrong.xlsx", SHEET, extent)
    assert columns(tmp_path / "wrong.xlsx") == {"a": ["1", "3"], "b": ["2", "4"]}
    assert rows(tmp_path / "wrong.xlsx") == [2, 4]


def test_every_sheet_that_holds_something_is_a_source(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.create_sheet("blank")
    book.create_sheet("说明").append(["notes"])
    book.save(tmp_path / "sheets.xlsx")
    assert [source.sheet for source in open_export(tmp_path / "sheets.xlsx").sources] == [
        "Sheet",
        "说明",
    ]


def test_parquet_types_say_the_same_as_text(file: Path) -> None:
    stamp = dt.datetime(2021, 5, 31, 8, 0, 0, 250_000)
    table = pa.table(
        {
            "text": pa.array(["007", ""]),
            "code": pa.array(["a", None]).dictionary_encode(),
            "whole": pa.array([9007199254740993, None]),
            "real": pa.array([7.0, float("nan")]),
            "money": pa.array([Decimal("1.005"), None]),
            "naive": pa.array([stamp, None], pa.timestamp("ns")),
            "zoned": pa.array([stamp, None], pa.timestamp("us", "Asia/Shanghai")),
            "day": pa.array([stamp.date(), None]),
            "flag": pa.array([True, None]),
            "row": pa.array([1, 2]),  # so that the second is one
        }
    )
    pq.write_table(table, file)
    assert {name: found[0] for name, found in columns(file).items()} == {
        "text": "007",
        "code": "a",
        "whole": "9007199254740993",
        "real": "7",
        "money": "1.005",
        "naive": "2021-05-31 08:00:00.250000",
        "zoned": "2021-05-31 08:00:00.250000Z",
        "day": "2021-05-31",
        "flag": "true",
        "row": "1",
    }
    assert [name for name, found in columns(file).items() if found[1] is not None] == ["row"]


# By hand: 11, 24 and 53 binary digits keep every whole number up to 2 ** 11, 2 ** 24 and 2 ** 53.
@pytest.mark.parametrize(
    ("kind", "last", "first"),
    [
        (pa.float16(), "2047", 2048),
        (pa.float32(), "16777215", 16777216),
        (pa.float64(), "9007199254740991", 9007199254740992),
    ],
)
def test_a_float_beyond_whole_numbers_is_flawed(
    file: Path, kind: pa.DataType, last: str, first: int
) -> None:
    given = [float(first - 1), float(first), float(first + 2), -float(first), None, float("inf")]
    array = pa.array([7.0, *given]).cast(kind)
    again, row = array.dictionary_encode(), pa.array(range(7))
    pq.write_table(pa.table({"id": array, "again": again, "row": row}), file)
    (chunk,) = read(file)
    for header in ("id", "again"):
        assert chunk.columns[header].to_pylist()[:2] == ["7", last]
        lost = [flaw.position for flaw in chunk.flaws if flaw.header == header]
        assert lost == [2, 3, 4, 6]
    assert {flaw.reason for flaw in chunk.flaws} == {"digits_lost"}


# By hand: cents are told apart as long as floats lie at most 1/128 apart, and the fourth decimals
# of quantities as long as they lie at most 1/16384 apart. 24 digits do up to 2 ** 17 = 131072 and
# 2 ** 10 = 1024, 53 up to 2 ** 46 and 2 ** 39, 11 up to 2 ** 4 = 16 and 2 ** -3 = 0.125. The first
# floats above 1024 and 2 ** 39 are 2 ** -13 = 0.000122 away.
@pytest.mark.parametrize(
    ("kind", "decimals", "below", "at", "above"),
    [
        (pa.float16(), 2, "15.99", "16", "16.01"),
        (pa.float32(), 2, "131071.99", "131072", "131072.02"),
        (pa.float64(), 2, "70368744177663.99", "70368744177664", "70368744177664.02"),
        (pa.float16(), 4, "0.1249", "0.125", "0.1252"),
        (pa.float32(), 4, "1023.9999", "1024.0001", "1024.0002"),
        (pa.float64(), 4, "549755813887.9999", "549755813888.0001", "549755813888.0002"),
    ],
)
def test_a_float_that_no_longer_tells_the_last_decimal_is_flawed(
    file: Path, kind: pa.DataType, decimals: int, below: str, at: str, above: str
) -> None:
    told = pa.array([float(text) for text in (below, at, above, "-" + at)]).cast(kind)
    pq.write_table(pa.table({"amount": told}), file)
    (source,) = open_export(file).sources
    (chunk,) = source.chunks(["amount"], decimals={"amount": decimals})
    assert [(flaw.position, flaw.reason) for flaw in chunk.flaws] == [
        (1, "digits_lost"),
        (2, "digits_lost"),
        (3, "digits_lost"),
    ]
    text = Decimal(chunk.columns["amount"][0].as_py())
    assert round(text, decimals) == Decimal(below)


# By hand: 11, 24 and 53 digits keep whole numbers below 2 ** 11, 2 ** 24 and 2 ** 53.
@pytest.mark.parametrize(
    ("kind", "kept", "first"),
    [
        (pa.float16(), [1.0, 1024.0, 2047.0], 2048.0),
        (pa.float32(), [1024.0, 2000.0, 5000.0, 16777215.0], 16777216.0),
        (pa.float64(), [549755813888.0, 9007199254740991.0], 9007199254740992.0),
    ],
)
def test_a_whole_quantity_is_kept_as_long_as_whole_numbers_are(
    file: Path, kind: pa.DataType, kept: list[float], first: float
) -> None:
    told = pa.array([*kept, first]).cast(kind)
    pq.write_table(pa.table({"pcs": told, "usd": told}), file)
    (source,) = open_export(file).sources
    (chunk,) = source.chunks(["pcs", "usd"], decimals={"pcs": 4, "usd": 2})
    assert chunk.columns["pcs"].to_pylist()[:-1] == [str(int(each)) for each in kept]
    lost = {name: [f.position for f in chunk.flaws if f.header == name] for name in ("pcs", "usd")}
    assert lost["pcs"] == [len(kept)]
    # Money stays strict: 2 ** 4, 2 ** 17 and 2 ** 46.
    strict = {16: 16.0, 32: 131072.0, 64: 70368744177664.0}[kind.bit_width]
    assert lost["usd"] == [at for at, usd in enumerate([*kept, first]) if usd >= strict]


def test_a_fraction_is_held_to_cents_and_a_whole_number_is_not(file: Path) -> None:
    told = pa.array([131071.5, 131072.0, 131072.5, 16777215.0], pa.float32())
    pq.write_table(pa.table({"id": told}), file)
    (chunk,) = read(file)
    assert [flaw.position for flaw in chunk.flaws] == [2]


def test_a_long_whole_float_is_written_in_digits(file: Path) -> None:
    pq.write_table(pa.table({"id": [123456789012345.0, 1e14, -1e15, -0.0, 1e300, 0.5]}), file)
    assert columns(file)["id"] == [
        *("123456789012345", "100000000000000", "-1000000000000000", "0", "1e+300", "0.5"),
    ]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet"])
def test_a_header_is_found_whatever_stands_before_it(tmp_path: Path, suffix: str) -> None:
    path, headers = tmp_path / f"a.{suffix}", ["\ufeff order_id ", " via", "", "via\ufeff", " "]
    if suffix == "csv":
        path.write_text(",".join(headers) + "\n007,a,b,c,\n", encoding="utf-8-sig")
    elif suffix == "xlsx":
        book = openpyxl.Workbook()
        for line in (headers, ["007", "a", "b", "c"]):
            book.active.append(line)
        book.save(path)
    else:
        cells = [pa.array([text]) for text in ("007", "a", "b", "c", "")]
        pq.write_table(pa.table(cells, names=headers), path)
    (source,) = open_export(path).sources
    assert source.headers == ("order_id", "via", "", "via")
    (chunk,) = source.chunks(["order_id"])
    assert chunk.columns["order_id"].to_pylist() == ["007"]
    with pytest.raises(IntakeError, match="there 2 times"):
        list(source.chunks(["via"]))


def test_a_nested_column_is_refused_only_where_it_is_wanted(file: Path) -> None:
    pq.write_table(pa.table({"a": ["1"], "b": [[1, 2]]}), file)
    (source,) = open_export(file).sources
    assert next(source.chunks(["a"])).columns["a"].to_pylist() == ["1"]
    with pytest.raises(IntakeError, match="no single value"):
        list(source.chunks(["b"]))


_IDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1
) | st.sampled_from(["007", "NA", "null", "9007199254740993", "=1+1", '"', "';--", "1E5", "真"])


@given(st.lists(_IDS, min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
@pytest.mark.slow
def test_ids_come_out_of_every_format_as_they_went_in(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("ids")
    with (folder / "a.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([["id", "n"], *([each, "1"] for each in ids)])
    pq.write_table(pa.table({"id": ids}), folder / "a.parquet")
    book = openpyxl.Workbook()
    book.active.append(["id"])
    for row, each in enumerate(ids, start=2):
        cell = book.active.cell(row, 1)
        cell.value, cell.data_type = each, "s"
    book.save(folder / "a.xlsx")
    for path in sorted(folder.iterdir()):
        assert columns(path)["id"] == ids, path.suffix
