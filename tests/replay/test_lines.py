"""Reading lines: whatever the packing, the same lines with the same numbers."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from service.replay import FileError, Line, lines, read_batches, read_lines

LIMIT = 100
VALUES = [b'{"a":1}', b"", b"  ", "ü".encode(), b"\xff", b"last"]
TEXT = b"\n".join(VALUES) + b"\n"


def frames(text: bytes) -> bytes:
    """Several frames behind each other, as concatenated files have them."""
    half = len(text) // 2
    return zstandard.compress(text[:half]) + zstandard.compress(text[half:])


PACKINGS = {
    "plain": lambda text: text,
    "gz": gzip.compress,
    "gz of two": lambda text: gzip.compress(text[:9]) + gzip.compress(text[9:]),
    "zst": zstandard.compress,
    "zst of two": frames,
}


def written(tmp_path: Path, text: bytes, name: str = "events.ndjson") -> str:
    (tmp_path / name).write_bytes(text)
    return str(tmp_path / name)


@pytest.mark.parametrize("pack", PACKINGS.values(), ids=PACKINGS)
def test_the_packing_is_recognized_by_what_is_inside(tmp_path: Path, pack) -> None:
    file = written(tmp_path, pack(TEXT))
    expected = [Line(file, number, value) for number, value in enumerate(VALUES, 1)]
    assert list(read_lines([file], LIMIT)) == expected


def test_numbers_begin_anew_in_each_file(tmp_path: Path) -> None:
    one, two = written(tmp_path, b"a\nb", "one"), written(tmp_path, b"c", "two")
    assert [(line.file, line.number) for line in read_lines([one, two], LIMIT)] == [
        (one, 1),
        (one, 2),
        (two, 1),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_where_blocks_end_makes_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(lines, "BLOCK", size)
    file = written(tmp_path, TEXT)
    assert [line.value for line in read_lines([file], LIMIT)] == VALUES


@pytest.mark.parametrize("size", [5, 1 << 20])
def test_a_line_that_is_too_long_is_cut_and_its_neighbours_are_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(lines, "BLOCK", size)
    file = written(tmp_path, b"before\n" + b"x" * 5_000 + b"\nafter\n" + b"y" * LIMIT + b"\n" + b"z" * 999)
    found = [line.value for line in read_lines([file], LIMIT)]
    assert found == [b"before", b"x" * (LIMIT + 1), b"after", b"y" * LIMIT, b"z" * (LIMIT + 1)]


def test_line_ends_of_windows_are_no_part_of_a_line(tmp_path: Path) -> None:
    assert [line.value for line in read_lines([written(tmp_path, b"a\r\nb\r\n")], LIMIT)] == [b"a", b"b"]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
@pytest.mark.parametrize("lost", [1, 9])
def test_a_file_that_ends_in_the_middle_is_not_taken_for_whole(tmp_path: Path, pack, lost: int) -> None:
    file = written(tmp_path, pack(os.urandom(4_096))[:-lost])
    with pytest.raises(FileError, match="damaged or ends in the middle"):
        list(read_lines([file], LIMIT))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"none\.ndjson cannot be read: No such file"):
        list(read_lines([str(tmp_path / "none.ndjson")], LIMIT))


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, gzip.compress(os.urandom(3 << 20)))
    seen: list[int] = []
    list(read_batches([file], LIMIT, lambda _, position: seen.append(position)))
    assert seen == sorted(seen)
    assert seen[-1] == Path(file).stat().st_size


def test_lines_of_a_pipe_do_not_wait_for_more() -> None:
    code = (
        "from service.replay import read_batches\nfor b in read_batches(['-'], 9): print(len(b), flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        for _ in range(2):
            reader.stdin.write(b"a\nb\n")
            reader.stdin.flush()
            assert reader.stdout.readline() == b"2\n"
        reader.stdin.close()
        assert reader.wait() == 0
