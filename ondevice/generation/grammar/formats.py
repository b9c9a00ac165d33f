r"""The formats of texts that a schema may name, each as the pattern of the texts that are written for it.

A pattern stands for valid values only, and where a format is vast (addresses of mail, of the web) for its usual part.
A format that is not known is refused. JSON Schema calls formats remarks, but whoever writes one wants it kept.
"""

from __future__ import annotations

_YEAR = r"(?!0000)\d{4}"
_DAY = r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
_LEAP_YEAR = r"(?!0000)(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_DATE = rf"(?:{_YEAR}-{_DAY}|{_LEAP_YEAR}-02-29)"
_HOUR = r"(?:[01]\d|2[0-3])"
_TIME = rf"{_HOUR}:[0-5]\d:[0-5]\d(?:\.\d{{1,6}})?(?:Z|[+-]{_HOUR}:[0-5]\d)"

_N = r"\d{1,5}"
_OF_DAY = rf"(?:{_N}H(?:{_N}M(?:{_N}S)?)?|{_N}M(?:{_N}S)?|{_N}S)"
_OF_YEAR = rf"(?:{_N}Y(?:{_N}M(?:{_N}D)?)?|{_N}M(?:{_N}D)?|{_N}D)"
_DURATION = rf"P(?:{_N}W|T{_OF_DAY}|{_OF_YEAR}(?:T{_OF_DAY})?)"

_BYTE = r"(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])"
_IPV4 = rf"{_BYTE}(?:\.{_BYTE}){{3}}"
_PAIR = r"[0-9a-fA-F]{1,4}"


def _ipv6() -> str:
    """Return RFC 4291's forms: eight pairs of bytes, the last two perhaps as IPv4, zeros in one place left out."""
    last = rf"(?:{_PAIR}:{_PAIR}|{_IPV4})"
    forms = [rf"(?:{_PAIR}:){{6}}{last}"]
    for n_before in range(8):
        before = rf"{_PAIR}(?::{_PAIR}){{{n_before - 1}}}" if n_before else ""
        ways = [rf"(?:{_PAIR}:){{0,{5 - n_before}}}{last}"] if n_before < 6 else []
        ways += [_PAIR] if n_before < 7 else []
        forms.append(rf"{before}::(?:{'|'.join(ways)})?" if ways else rf"{before}::")
    return f"(?:{'|'.join(forms)})"


def _ipv4_network() -> str:
    """Return the networks whose bits behind the prefix are none."""
    forms = []
    for length in range(33):
        n_whole, n_bits = divmod(length, 8)
        step = 1 << (8 - n_bits)
        parts = [_BYTE] * n_whole
        if n_whole < 4:
            parts += [f"(?:{'|'.join(map(str, range(0, 256, step)))})"] + ["0"] * (3 - n_whole)
        forms.append(r"\.".join(parts) + f"/{length}")
    return f"(?:{'|'.join(forms)})"


def _ipv6_network() -> str:
    """Return the networks on 16 bits that end in zeros."""
    forms = [rf"{_PAIR}(?::{_PAIR}){{{n - 1}}}::/{16 * n}" for n in range(1, 8)]
    return f"(?:::/0|{'|'.join(forms)})"


_LENGTH_4, _LENGTH_6 = r"(?:\d|[12]\d|3[0-2])", r"(?:\d|[1-9]\d|1[01]\d|12[0-8])"
_IPV6 = _ipv6()
_IPV4_NETWORK, _IPV6_NETWORK = _ipv4_network(), _ipv6_network()

# No two hyphens together: they begin names in other scripts. No name, and no address, is longer than is allowed.
_LABEL = r"[a-z0-9](?:-?[a-z0-9]){0,23}"
_HOST = rf"(?:{_LABEL}\.){{0,4}}[a-z](?:-?[a-z0-9]){{0,23}}"
_NAME = r"[A-Za-z0-9_+-](?:\.?[A-Za-z0-9_+-]){0,31}"
_EMAIL = rf"{_NAME}@(?:{_LABEL}\.){{1,3}}(?!(?:arpa|invalid|local|localhost|onion|test)$)[a-z]{{2,20}}"
_SIGNS = r"A-Za-z0-9._~!$&'()*+,;=:@/\-"
_PATH, _QUERY = rf"(?:[{_SIGNS}]|%[0-9A-F]{{2}})", rf"(?:[{_SIGNS}?]|%[0-9A-F]{{2}})"
_URI = rf"https?://{_HOST}(?::[1-9]\d{{0,3}})?(?:/{_PATH}{{0,100}})?(?:\?{_QUERY}{{0,100}})?(?:#{_QUERY}{{0,50}})?"

_HEX = "[0-9a-fA-F]"


def _uuid(version: str) -> str:
    return rf"{_HEX}{{8}}-{_HEX}{{4}}-{version}-{_HEX}{{12}}"


def _base64(signs: str) -> str:
    of = rf"[A-Za-z0-9{signs}]"
    return rf"(?:{of}{{4}})*(?:{of}{{3}}=|{of}{{2}}==)?"


_WHOLE = {
    "date": _DATE,
    "time": _TIME,
    "date-time": rf"{_DATE}T{_TIME}",
    "duration": _DURATION,
    "uuid": _uuid(rf"{_HEX}{{4}}-{_HEX}{{4}}"),
    **{f"uuid{n}": _uuid(rf"{n}{_HEX}{{3}}-[89abAB]{_HEX}{{3}}") for n in range(1, 9)},
    "ipv4": _IPV4,
    "ipv6": _IPV6,
    "ipvanyaddress": rf"(?:{_IPV4}|{_IPV6})",
    "ipv4interface": rf"{_IPV4}/{_LENGTH_4}",
    "ipv6interface": rf"{_IPV6}/{_LENGTH_6}",
    "ipvanyinterface": rf"(?:{_IPV4}/{_LENGTH_4}|{_IPV6}/{_LENGTH_6})",
    "ipv4network": _IPV4_NETWORK,
    "ipv6network": _IPV6_NETWORK,
    "ipvanynetwork": rf"(?:{_IPV4_NETWORK}|{_IPV6_NETWORK})",
    "hostname": _HOST,
    "email": _EMAIL,
    "uri": _URI,
    "base64": _base64(r"+/"),
    "base64url": _base64(r"_\-"),
}
FORMATS = {name: f"^(?:{whole})$" for name, whole in _WHOLE.items()}
"""For each format the pattern of what is written."""

FREE_FORMATS = frozenset({"binary", "password", "path"})
"""Formats that any text has."""

NUMBER_FORMATS = {"int32": (-(2**31), 2**31 - 1), "int64": None, "float": None, "double": None}
"""Formats of numbers, and their bounds where those matter: a number that is written has at most 15 digits."""
