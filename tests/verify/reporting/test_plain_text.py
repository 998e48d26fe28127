"""Formulas in a terminal: letters that Unicode has, and no marks of LaTeX."""

import inspect
import re

import pytest

from verify.claims.registry import CLAIMS, module_of
from verify.reporting.plain_text import plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"$w\cdot u=\sum\alpha_iy_ix_i$", "w·u=∑αᵢyᵢxᵢ"),
        (r"$\gamma^{*2}=|u|^2/4$, $2^{-n}$", "γ*²=|u|²/4, 2⁻ⁿ"),
        (r"$\sum_{i=1}^N\alpha_i$", "∑ᵢ₌₁ᴺαᵢ"),
        (r"$\min_{y_i=y}m_i$", "min_(yᵢ=y)mᵢ"),
        (r"$e^{-\beta t}$, $x_\alpha$", "e^(-β t), x_α"),  # of which Unicode has no letters
        (r"$R_{\mathrm{min}}$, $\text{bounded}=1$", "Rₘᵢₙ, bounded=1"),
        (r"$w_1\cdot\text{shortest}=3$", "w₁·shortest=3"),
        (r"$\binom{2n}n4^{-n}$", "C(2n,n)4⁻ⁿ"),
        (r"$\sqrt{2n\ln n}\approx 3.1$", "√(2n ln n)≈3.1"),
        (r"$\dim D$, $\dim(1,2)$", "dim D, dim(1,2)"),
        (r"$\underline s_1<\overline s_2$, $h_{\rm ray}$", "s̲₁<s̅₂, h_ray"),
        (r"$s_1\le\overline s_1$", "s₁≤ s̅₁"),  # the sign before a line stays
        (r"$c>\frac{a+b}{2\gamma_h}$, $\tfrac12$, $-\frac{1}{n^2}$", "c>(a+b)/(2γₕ), 1/2, -1/n²"),
        ("my_own_file.npz has 5 % of $10^6$", "my_own_file.npz has 5 % of 10⁶"),
    ],
)
def test_a_formula_is_read_as_it_is_written_by_hand(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_no_claim_shows_a_mark_of_latex() -> None:
    for claim in CLAIMS.values():
        for text in (claim.literal, claim.statement, claim.sharp_form, claim.why):
            assert not re.search(r"[\\\0-\7]|[_^]\{", plain(text)), (claim.id, plain(text))


def test_no_command_of_a_claim_vanishes() -> None:
    texts = [inspect.getsource(module_of(claim)) for claim in CLAIMS.values()]
    commands = set(re.findall(r"\\([a-z]+)(?![a-zA-Z])", "".join(texts)))
    # These have an effect on others, or the letters that follow them are of another command.
    commands -= {"left", "right", "quad", "rm", "text", "mathrm", "frac", "tfrac", "binom", "n"}
    commands -= {"overline", "underline"}
    lost = [one for one in commands if plain(rf"$\{one} x$").strip() in ("x", "")]
    assert not lost
