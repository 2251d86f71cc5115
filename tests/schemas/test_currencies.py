"""Currencies: complete, and with the digits that the contract says."""

import iso4217
import pytest

from schemas.currencies import CODES, exponent

CURRENT = {
    code: int(entry["CcyMnrUnts"])
    for code, entry in iso4217.raw_table.items()
    if code is not None and entry["CcyMnrUnts"].isdigit()
}
WITHOUT_DECIMALS = ["BEF", "BYR", "ESP", "GRD", "ITL", "LUF", "MGF", "PTE", "TRL"]
WITHOUT_MINOR_UNIT = {code for code in iso4217.raw_table if code is not None} - set(CURRENT)


def test_current_codes_have_the_minor_units_of_iso_list_one() -> None:
    assert {code: exponent(code) for code in CURRENT} == CURRENT


@pytest.mark.parametrize("code", WITHOUT_DECIMALS)
def test_some_historic_currencies_had_no_decimals(code: str) -> None:
    assert exponent(code) == 0


def test_all_other_historic_currencies_have_two() -> None:
    historic = set(CODES) - set(CURRENT)
    assert {code for code in historic if exponent(code) != 2} == set(WITHOUT_DECIMALS)
    assert len(historic) == 126
    assert {
        "ATS",
        "BGN",
        "CUC",
        "DEM",
        "FRF",
        "HRK",
        "IEP",
        "NLG",
        "SLL",
        "USS",
        "VEF",
        "XEU",
        "ZWL",
    } <= historic


@pytest.mark.parametrize("code", [*sorted(WITHOUT_MINOR_UNIT), "XFO", "XFU", "XRE", "CNH", "eur", "", "EUR "])
def test_what_has_no_minor_unit_or_is_no_code_is_no_money(code: str) -> None:
    assert code not in CODES
    with pytest.raises(KeyError):
        exponent(code)


def test_codes_are_in_alphabetical_order_and_each_comes_once() -> None:
    assert list(CODES) == sorted(set(CODES))
