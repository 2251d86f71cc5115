"""Currencies: how many decimal digits the minor unit of each ISO 4217 code has, current and historic.

Current codes come from ISO's list one of 2026-01-01, historic ones from list three as of 2026-02-01. List
three names no minor units, so the contract does: two digits, except `_HISTORIC_WITHOUT_DECIMALS`. Codes that
ISO gives no minor unit are no money: metals, funds, test codes, and of the withdrawn ones XFO, XFU and XRE.
A test compares the current codes with the package `iso4217`, which follows list one.
"""

from typing import Final

_CURRENT: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
    CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
    HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU
    MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR
    SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED
    VES WST XAD XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

_HISTORIC_WITHOUT_DECIMALS: Final = "BEF BYR ESP GRD ITL LUF MGF PTE TRL"

_HISTORIC: Final = """
    ADP AFA ALK ANG AOK AON AOR ARA ARP ARY ATS AYM AZM BAD BEC BEL BGJ BGK BGL BGN BOP BRB BRC BRE BRN BRR
    BUK BYB CHC CSD CSJ CSK CUC CYP DDM DEM ECS ECV EEK ESA ESB FIM FRF GEK GHC GHP GNE GNS GQE GWE GWP HRD
    HRK IEP ILP ILR ISJ LAJ LSM LTL LTT LUC LUL LVL LVR MLF MRO MTL MTP MVQ MXP MZE MZM NIC NLG PEH PEI PES
    PLZ RHD ROK ROL RUR SDD SDP SIT SKK SLL SRG STD SUR TJR TMM TPE UAK UGS UGW USS UYN UYP VEB VEF VNC XEU
    YDD YUD YUM YUN ZAL ZMK ZRN ZRZ ZWC ZWD ZWL ZWN ZWR
"""

_EXPONENTS: Final[dict[str, int]] = {
    **{code: digits for digits, codes in _CURRENT.items() for code in codes.split()},
    **dict.fromkeys(_HISTORIC_WITHOUT_DECIMALS.split(), 0),
    **dict.fromkeys(_HISTORIC.split(), 2),
}

#: Every code that money may have on the wire, in alphabetical order.
CODES: Final[tuple[str, ...]] = tuple(sorted(_EXPONENTS))


def exponent(code: str) -> int:
    """Decimal digits between the minor and the major unit: EUR 2, JPY 0, KWD 3. KeyError if it has none."""
    return _EXPONENTS[code]
