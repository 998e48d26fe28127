"""All claims, in the papers' order; nothing registers itself."""

from __future__ import annotations

import difflib
from types import MappingProxyType
from typing import Any

from certify.errors import InputError
from verify.claims.charles2019 import cor_6, lem_3, lem_13, thm_4, thm_5, thm_10
from verify.claims.claim import Claim
from verify.claims.zou2018 import thm_1, thm_2

_MODULES = (thm_1, thm_2, lem_3, thm_4, thm_5, cor_6, lem_13, thm_10)

CLAIMS: MappingProxyType[str, Claim[Any]] = MappingProxyType(
    {module.CLAIM.id: module.CLAIM for module in _MODULES}
)


def find(claim_id: str) -> Claim[Any]:
    """Return the claim with this id; raise :class:`InputError` suggesting the nearest ids."""
    if claim_id in CLAIMS:
        return CLAIMS[claim_id]
    near = difflib.get_close_matches(claim_id, CLAIMS, n=3, cutoff=0.3)
    expected = f"one of {', '.join(near or CLAIMS)}"
    raise InputError("claim", expected=expected, got=repr(claim_id))
