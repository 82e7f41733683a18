"""Keys and certificates as people paste them."""

from __future__ import annotations

import re

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)


def read_pem(text: str) -> str:
    """Keys or certificates in PEM, their lines as they should be: a form may have lost them."""
    return "".join(_block(one[1], "".join(one[2].split())) for one in _PEM.finditer(text))


def _block(kind: str, inner: str) -> str:
    lines = [f"-----BEGIN {kind}-----", *re.findall(".{1,64}", inner), f"-----END {kind}-----"]
    return "\n".join(lines) + "\n"
