"""Sharp forms on linear and multi-class rules: a fault in one way of deciding is noticed."""

from __future__ import annotations

from fractions import Fraction as F
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from support import failing

from verify.claims.charles2019 import (
    cor_6,
    def_adv,
    fig_1,
    intro_universal,
    linear_same_label,
    linear_scaling,
    sec7_link,
    sec7_steps,
    thm_5,
    thm_8_note,
    two_linear_trivial,
)
from verify.claims.charles2019.sharp import (
    accurate_models,
    accurate_rules,
    cor_6_remark,
)
from verify.claims.registry import find
from verify.drawing import labelled_sets

Patch = pytest.MonkeyPatch

NOTHING = SimpleNamespace(x=None, value=F(0), status="", certificate=None)
LARGE = SimpleNamespace(x=None, value=F(10**9), certificate=None)

FAULTS: list[tuple[str, str, object, str, object]] = [
    ("charles-fig-1", fig_1.WEDGE, fig_1, "obtuse", None),
    ("charles-cor-6", cor_6.NEAR, accurate_rules, "keeping", (None, ())),
    ("charles-cor-6", cor_6.OTHER, accurate_rules, "keeping", (None, ())),
    ("charles-cor-6-remark", labelled_sets.COLLINEAR, cor_6_remark, "balanced", NOTHING),
    ("charles-intro-universal", intro_universal.WITHIN, intro_universal, "level_rule",
     (True, None)),
    ("charles-thm-5", thm_5.BEST, thm_5, "dot", F(1, 7)),
    ("charles-linear-scaling", linear_scaling.ONE, accurate_rules, "rule", (None, None)),
    ("charles-linear-same-label", linear_same_label.GENERIC, linear_same_label, "changed_step",
     None),
    ("charles-def-adv", def_adv.AT, def_adv, "linear_program", NOTHING),
    ("charles-two-linear-trivial", two_linear_trivial.SHARED, two_linear_trivial,
     "linear_program", NOTHING),
    ("charles-multiclass-note", "two classes", accurate_models, "model", (None, None)),
    ("charles-thm-8", "towards one class", accurate_models, "left",
     accurate_models.Left(False, NOTHING)),  # type: ignore[arg-type]
    ("charles-thm-8-stronger", "some rule is right", accurate_models, "left",
     accurate_models.Left(True, NOTHING)),  # type: ignore[arg-type]
    ("charles-thm-8-note", thm_8_note.LEVEL, thm_8_note, "crossing", F(-5)),
    ("charles-sec7-link", sec7_link.EVEN, sec7_link, "least_cube", LARGE),
    ("charles-sec7-steps", sec7_steps.JUST, sec7_steps, "displacement", (F(0),)),
    ("charles-class-C", "cells with gaps", accurate_rules, "rule", (None, None)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("claim_id", "case", "owner", "name", "value"), FAULTS, ids=[f"{f[0]}, {f[3]}" for f in FAULTS]
)
def test_the_other_way_notices(
    claim_id: str, case: str, owner: Any, name: str, value: object, monkeypatch: Patch
) -> None:
    sharp = find(claim_id).sharp
    assert sharp is not None
    drawn = [sharp.draw(Random(seed), case) for seed in range(12)]
    assert not any(failing(sharp.decide(instance)) for instance in drawn[:2])
    monkeypatch.setattr(owner, name, lambda *arguments, **options: value)
    assert any(failing(sharp.decide(instance)) for instance in drawn)
