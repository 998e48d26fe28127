"""All claims, in the papers' order; nothing registers itself."""

import difflib
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any

from certify.errors import InputError
from verify.claims.claim import Claim

# One module for each claim; a module that is missing or has no CLAIM fails at import.
_ORDER = {
    "zou2018": (
        "def_1 input_manipulation popular_networks thm_1 thm_2 unbounded region_convex "
        "boundary_pl unconstrained def_2 conj conj_norms"
    ),
    "charles2019": (
        "def_adv linear_scaling linear_same_label normal_direction fig_1 lem_3 thm_4 thm_5 cor_6 "
        "cor_6_remark intro_universal two_linear_trivial A1_A3 thm_1_informal rademacher_step "
        "thm_7 thm_7_note bias_remark softmax_remark multiclass_note thm_8 thm_8_stronger "
        "thm_8_note B1_B3 thm_9 thm_9_note ratio_remark R_units lem_13 lem_14 R_in_Rprime thm_10 "
        "thm_15 thm_2_informal relu_same_label other_region class_C thm_11 thm_12 thm_16 fig_2 "
        "sec6_necessity cor_17 sec6_v2 abstract_transfer sec6_nontransfer fig_3 sec7_steps "
        "sec7_independence sec7_link sec7_findings larger_class conclusion_linear"
    ),
}


def module_of(claim: Claim[Any]) -> ModuleType:
    """Return the module that has the claim as its ``CLAIM``."""
    return _MODULES[claim.id]


def _load() -> dict[str, ModuleType]:
    modules: dict[str, ModuleType] = {}
    for folder, names in _ORDER.items():
        for name in names.split():
            module = import_module(f"verify.claims.{folder}.{name}")
            modules[module.CLAIM.id] = module
    return modules


_MODULES = _load()
CLAIMS: MappingProxyType[str, Claim[Any]] = MappingProxyType(
    {name: module.CLAIM for name, module in _MODULES.items()}
)


def find(claim_id: str) -> Claim[Any]:
    """Return the claim with this id, which may lack the name of the paper where one claim has it.

    Raises :class:`InputError` suggesting the nearest ids.

    >>> find("thm-4").id
    'charles-thm-4'
    """
    short = {found: found.partition("-")[2] for found in CLAIMS}
    named = [found for found in CLAIMS if claim_id in (found, short[found])]
    if len(named) == 1:
        return CLAIMS[named[0]]
    near = named or difflib.get_close_matches(claim_id, [*short, *short.values()], n=3)
    expected = ", ".join(near) or "an id that `verify claims` lists"
    raise InputError("claim", expected=expected, got=repr(claim_id))
