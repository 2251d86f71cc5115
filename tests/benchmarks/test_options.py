"""Options of the benchmarks: what is wrong with them is said before anything is measured."""

import argparse
from pathlib import Path

import pytest

from benchmarks.options import numbers, output, whole_number


def test_numbers_may_be_written_with_commas_or_underscores_and_lists_of_them_with_underscores() -> None:
    assert whole_number("2,000,000") == whole_number("2_000_000") == 2_000_000
    assert numbers("10_000,20") == (10_000, 20)


@pytest.mark.parametrize("text", ["abc", "0", "-1", "1.5", ""])
def test_what_is_no_number_is_told_in_a_sentence(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=f"'{text}' is no whole number from 1 on"):
        whole_number(text)
    with pytest.raises(argparse.ArgumentTypeError, match="is no whole number"):
        numbers(f"10,{text}")


def test_a_file_that_cannot_be_written_is_told_before_hours_are_spent(tmp_path: Path) -> None:
    assert output(f"{tmp_path}/new.json") == tmp_path / "new.json"
    for path in (tmp_path, tmp_path / "absent" / "new.json"):
        with pytest.raises(argparse.ArgumentTypeError, match="cannot be written"):
            output(str(path))
