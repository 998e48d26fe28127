"""A sample report for the tests: every number in it is made up."""

from __future__ import annotations

import random
from typing import Any

import pytest

Report = dict[str, Any]


@pytest.fixture
def sample() -> Report:
    """A complete report of the usual shape and size."""
    return sample_report()


@pytest.fixture(scope="session")
def unchanged_sample() -> Report:
    """The same for several tests, none of which may change it."""
    return sample_report()


def picture() -> dict[str, Any]:
    return {
        "kind": "plane",
        "title": "A separator and a direction",
        "caption": "Made-up points on both sides of the line $x_2=1/2$.",
        "grade": "certified",
        "data": {
            "view": [-1.0, 2.0, -1.0, 2.0],
            "regions": [
                {
                    "name": "label -1",
                    "corners": [[-1.0, -1.0], [2.0, -1.0], [2.0, 0.5], [-1.0, 0.5]],
                },
                {"name": "label +1", "corners": [[-1.0, 0.5], [2.0, 0.5], [2.0, 2.0], [-1.0, 2.0]]},
            ],
            "lines": [{"name": "boundary", "normal": [0.0, 1.0], "level": 0.5}],
            "markers": [
                {"name": "x", "at": [0.0, 1.0], "label": 1},
                {"name": "z", "at": [0.0, 0.0], "label": -1},
            ],
            "arrows": [{"name": "-u", "start": [0.0, 1.0], "end": [0.0, 0.0]}],
        },
    }


def sample_report() -> Report:
    return {
        "format": "adversarial-geometry/report",
        "version": 2,
        "name": "sample-with-made-up-numbers",
        "software_version": "0.1.0",
        "configuration": {
            "seed": 0,
            "instances": 200,
            "claims": [claim["id"] for claim in _claims()],
            "preset": "quick",
            "choices": {},
            "data": "digits",
        },
        "run": {
            "started": "2026-11-21T09:30:12+00:00",
            "seconds": 412.6,
            "machine": "Sample CPU, 2 cores, Linux 6.1 (no accelerator)",
            "python": "3.11.7",
            "libraries": {"numpy": "2.4.6", "python-flint": "0.8.0", "torch": "2.9.1+cpu"},
            "workers": 2,
            "stage_seconds": {
                "claims": 96.2,
                "softmax-heads": 41.0,
                "digit-pairs": 33.8,
                "convex-detectors": 78.3,
                "transfer": 163.3,
            },
            "complete": True,
            "command": "verify run --preset quick --seed 0 --name sample-with-made-up-numbers",
            "check": "certify check reports/sample-with-made-up-numbers",
        },
        "data": {
            "name": "digits",
            "sha256": "5a3f" * 16,
            "examples": 1797,
            "pixels": 64,
            "classes": 10,
        },
        "claims": _claims(),
        "experiments": [_softmax_heads(), _digit_pairs(), _convex_detectors(), _transfer()],
        "ledger": {"path": "ledger.jsonl", "count": 1000, "sha256": "1ed9" * 16},
        "certificates": {"path": "certificates.jsonl", "count": 3398, "sha256": "c0de" * 16},
        "lines": {"zou-thm-1": [1, 200], "zou-thm-1, counterexamples": [201, 201]},
    }


def _claim(id: str, number: str, title: str, statement: str, verdict: str, **more: Any) -> Report:
    claim: Report = {
        "id": id,
        "paper": "zou2018" if id.startswith("zou") else "charles2019",
        "number": number,
        "title": title,
        "literal": f"In other words: {statement}",
        "statement": statement,
        "counterexamples": [
            {
                "dropped": "both labels",
                "grade": "refuted",
                "text": "Two rules need opposite directions.",
                "objects": [["data", "points: ((0)); labels: (1)"]],
                "steps": [
                    {"number": 1, "text": "Slopes differ.", "relations": ["-1 < 0"], "holds": True}
                ],
            }
        ],
        "symbolic": [
            {
                "text": "The identity holds.",
                "formula": "(a+b)^2=a^2+2ab+b^2",
                "size": "2 unknowns",
                "holds": True,
            }
        ],
        "pictures": [picture()],
        "verdict": verdict,
        "verdict_reason": "Both labels must occur and the data must be finite; with one label "
        "the supremum of margins is infinite and no maximiser exists.",
        "reading": "A separator is spoken of, so both labels occur.",
        "sharp": {
            "grade": "certified",
            "counts": {"certified": 200, "refuted": 0, "undecided": 0, "malformed": 0},
            "cases": {"inside the cone": 100, "outside the cone": 100},
            "problems": [],
        },
        "sharp_form": r"The conclusion holds exactly for $v$ in the cone of differences "
        r"$x_+ - x_-$, with $x_+ \in P$ and $x_- \in N$.",
        "hypotheses": [
            {"name": "both-labels", "text": "Both labels occur in $S$."},
            {"name": "accurate", "text": r"$y_i\,(w^\top x_i + b) > 0$ for every $i$."},
        ],
        "quantifier": "Certified for all separators at once: one finite list of multipliers "
        "per instance, by Farkas' lemma.",
        "grade": "certified",
        "counts": {"certified": 200, "refuted": 0, "undecided": 0, "malformed": 0},
        "certificates": 200,
        "cases": {"generic": 120, "repeated points": 30, "dimension one": 30, "collinear": 20},
        "problems": [],
        "example": {
            "objects": [["data", "$(0,0)$ labelled −1; $(1,1)$ and $(-1,1)$ labelled +1"]],
            "steps": [
                {
                    "number": 1,
                    "text": r"The multipliers balance: $\sum_i \alpha_i y_i = 0$.",
                    "relations": ["1/2 + 1/2 - 1 = 0"],
                    "holds": True,
                },
                {
                    "number": 2,
                    "text": r"They represent the direction: $\sum_i \alpha_i y_i x_i = u$.",
                    "relations": ["(0, 1) = (0, 1)"],
                    "holds": True,
                },
                {
                    "number": 3,
                    "text": r"So the separator $w = (3, 5/2)$ gains along $u$.",
                    "relations": ["5/2 > 0"],
                    "holds": True,
                },
            ],
        },
        "experiment": None,
    }
    return claim | more


def _claims() -> list[Report]:
    undecided = {
        "grade": "undecided",
        "counts": {"certified": 198, "refuted": 0, "undecided": 2, "malformed": 0},
        "certificates": 198,
        "problems": [
            "instance 57: the support set did not settle within 200 exact pivots",
            "instance 131: the support set did not settle within 200 exact pivots",
        ],
    }
    return [
        _claim(
            "zou-thm-1",
            "Theorem 1",
            "The invariant directions form a large space",
            r"For every layer $(W, b)$ with $m$ classes and $\ell$ features there is a linear "
            r"space $V$ with $\dim V \ge \ell - m$ such that moving along any $d \in V$ leaves the "
            r"softmax output unchanged, from every point and at every length $\theta$.",
            "true",
            verdict_reason="True once the affine map is inserted where the types require it.",
            sharp=None,
            sharp_form=r"$\dim V = \ell - r$ with $r = \operatorname{rank}(w_1 - w_m, \dots, "
            r"w_{m-1} - w_m)$; in terms of the shape alone $\max(0, \ell - m + 1)$.",
            experiment="softmax-heads",
        ),
        _claim(
            "zou-thm-2",
            "Theorem 2",
            "Every decision region reaches infinity",
            r"If $\ell > m$ and the region of class $i$ is nonempty, there is a nonzero $d$ along "
            "which the whole region, and every probability in it, is invariant.",
            "true after repair",
            experiment="softmax-heads",
        ),
        _claim(
            "charles-lem-3",
            "Lemma 3",
            "The max-margin normal is a signed combination of the data",
            r"For separable $S$ there are $\alpha_i \ge 0$ with $w^* = \sum_i \alpha_i y_i x_i$ "
            r"and $\sum_i \alpha_i y_i = 0$.",
            "true after repair",
            experiment="digit-pairs",
        ),
        _claim(
            "charles-thm-4",
            "Theorem 4",
            "The max-margin direction transfers to every separator",
            "For every separator $h$ that is accurate on $S$ and every $(x, y)$ with $h(x) = y$, "
            "the direction $-y\\,w^*$ is adversarial for $h$ at $x$.",
            "true after repair",
            experiment="digit-pairs",
            **undecided,
        ),
        _claim(
            "charles-thm-5",
            "Theorem 5",
            "A step that is long enough",
            r"The label changes for every $c > m_h(x) / (\gamma_h \sum_i \alpha_i)$.",
            "true after repair",
            experiment="digit-pairs",
        ),
        _claim(
            "charles-cor-6-remark",
            "Remark after Corollary 6",
            "One step length for all points and separators",
            "For every separable $S$ there is a constant $c_S$ that fools every accurate separator "
            "at every point of $S$.",
            "false as stated",
            verdict_reason="On three points of the plane every constant fails for some separator.",
            experiment="digit-pairs",
        ),
        _claim(
            "charles-thm-10",
            "Theorem 10",
            "Differences of points transfer to convex detectors",
            r"For $v = x_+ - x_-$ and every accurate rule of class $\mathcal{R}$, each point "
            "labelled −1 becomes +1 after some step along $v$.",
            "true",
            experiment="convex-detectors",
        ),
        _claim(
            "charles-thm-11",
            "Theorem 11",
            "Transfer for continuous rules",
            "The same for all continuous two-valued rules with a convex region.",
            "vacuous as stated",
            verdict_reason=r"$\mathbb{R}^d$ is connected, so a continuous map to two values is "
            "constant and the class is empty.",
            example=None,
        ),
    ]


def _softmax_heads() -> Report:
    theta = [10.0**k for k in range(7)]
    return {
        "id": "softmax-heads",
        "title": "Softmax layers of trained networks",
        "question": "How much of the feature space of a trained network leaves its output exactly "
        "unchanged, and what does floating point see of it?",
        "claims": ["zou-thm-1", "zou-thm-2"],
        "grade": "certified",
        "findings": {},
        "finding": r"In all 12 networks the invariant space has dimension exactly $\ell - m + 1$; "
        "along it the exact change is 0 while float32 drifts to 0.31.",
        "settings": {"networks": 12, "features": "32, 64, 128", "epochs": 20, "biases": True},
        "counts": {"certified": 12, "refuted": 0, "float": 14, "undecided": 0, "malformed": 0},
        "certificates": 12,
        "tables": [
            {
                "title": "Rank and invariant space by network",
                "columns": [
                    {"name": "network", "grade": "certified"},
                    {"name": r"features $\ell$", "grade": "certified"},
                    {"name": "rank", "grade": "certified"},
                    {"name": "dimension", "grade": "certified"},
                    {"name": "drift in float32", "unit": "θ = 10⁶", "grade": "float"},
                    {"name": "a long entry of $d$", "grade": "certified"},
                ],
                "rows": [
                    [f"width {w}", str(w), "9", str(w - 9), drift, f"-{w}" + "142857" * 40 + "/7"]
                    for w, drift in ((32, 0.3123456), (64, 0.1877), (128, 0.04211))
                ],
            }
        ],
        "figures": [
            {
                "kind": "drift",
                "title": "Change of the softmax output along an invariant direction",
                "caption": "Largest absolute change over the test points, against the length of "
                "the displacement. Marks on the bottom line measured exactly 0.",
                "grade": "float",
                "data": {
                    "theta": theta,
                    "series": [
                        {
                            "label": "float32",
                            "values": [0.0, 4e-7, 5e-6, 3.7e-5, 4.2e-4, 5.1e-3, 0.31],
                        },
                        {
                            "label": "float64",
                            "values": [0.0, 0.0, 8e-15, 9e-14, 7.7e-13, 8e-12, 1.1e-10],
                        },
                    ],
                    "exact": "0",
                },
            }
        ],
    }


def _digit_pairs() -> Report:
    draw = random.Random(0)
    pairs = [(0, 1), (1, 7), (2, 3), (3, 8), (4, 9), (5, 6)]
    return {
        "id": "digit-pairs",
        "title": "Trained separators of pairs of digits",
        "question": "How far along the exact max-margin direction must each image move before a "
        "trained linear separator changes its label?",
        "claims": ["charles-lem-3", "charles-thm-4", "charles-thm-5", "charles-cor-6"],
        "grade": "certified",
        "findings": {},
        "finding": "Every separator flips every image; the median step is 2.4 times the margin and "
        "in each pair some image flips at the margin or before.",
        "counts": {"certified": 1984, "refuted": 0, "float": 0, "undecided": 3, "malformed": 0},
        "certificates": 1984,
        "tables": [
            {
                "title": "Exact flipping steps",
                "columns": [
                    {"name": "pair", "grade": "certified"},
                    {"name": "images", "grade": "certified"},
                    {
                        "name": r"margin squared $\gamma^{*2}$",
                        "unit": "pixel units²",
                        "grade": "certified",
                    },
                    {"name": "least step", "unit": "multiples of γ*", "grade": "float"},
                    {"name": "greatest step", "unit": "multiples of γ*", "grade": "float"},
                ],
                "rows": [
                    [
                        f"{a} vs {b}",
                        "330",
                        f"{draw.randint(10**7, 10**8)}/{10**9 + a + b}",
                        draw.uniform(0.4, 1),
                        draw.uniform(4, 12),
                    ]
                    for a, b in pairs
                ],
            }
        ],
        "figures": [
            {
                "kind": "steps",
                "title": "Steps at which trained separators change their label",
                "caption": "Each tick is one image; the steps are decided exactly and rounded only "
                "to be drawn. The proved bound says that some image flips no later.",
                "grade": "certified",
                "data": {
                    "groups": [
                        {
                            "label": f"{a} vs {b}",
                            "unit": "multiples of the margin γ*",
                            "values": [round(draw.lognormvariate(0.8, 0.5), 4) for _ in range(60)],
                            "bound": 1,
                        }
                        for a, b in pairs
                    ]
                },
            },
            {
                "kind": "images",
                "title": "Exact max-margin directions",
                "caption": "Weight of each pixel in the direction; moving along it adds the "
                "purple pixels and removes the orange ones.",
                "grade": "certified",
                "data": {
                    "shape": [8, 8],
                    "unit": "weight (per unit of pixel intensity)",
                    "diverging": True,
                    "items": [
                        {
                            "title": f"{a} vs {b}",
                            "values": [round(draw.gauss(0, 0.1), 4) for _ in range(64)],
                        }
                        for a, b in pairs
                    ],
                },
            },
        ],
    }


def _convex_detectors() -> Report:
    return {
        "id": "convex-detectors",
        "title": "Trained convex detectors",
        "question": "Do differences of images move every negative image across a trained rule of "
        "the class?",
        "claims": ["charles-lem-13", "charles-thm-10"],
        "grade": "certified",
        "findings": {},
        "finding": "For 10 of 10 rules every difference tried moves every negative image across.",
        "counts": {"certified": 10, "refuted": 0, "float": 0, "undecided": 0, "malformed": 0},
        "certificates": 10,
        "tables": [],
        "figures": [],
    }


def _transfer() -> Report:
    radii = [round(0.04 * k, 2) for k in range(11)]

    def curve(source: str, rate: float) -> Report:
        mean = [max(0.0, round(0.98 - rate * r - 2 * rate * r * r, 4)) for r in radii]
        return {
            "source": source,
            "mean": mean,
            "low": [max(0.0, round(m - 0.06, 4)) for m in mean],
            "high": [min(1.0, round(m + 0.05, 4)) for m in mean],
        }

    return {
        "id": "transfer",
        "title": "Transfer of perturbations between models",
        "question": "How much accuracy is lost to perturbations made against another model?",
        "claims": ["charles-thm-4", "charles-thm-10"],
        "grade": "float",
        "findings": {},
        "finding": "At radius 0.2 perturbations of an SVM leave other SVMs an accuracy of 0.31, "
        "random ones 0.93.",
        "counts": {"certified": 0, "refuted": 0, "float": 660, "undecided": 0, "malformed": 0},
        "certificates": 0,
        "tables": [],
        "figures": [
            {
                "kind": "transfer-curves",
                "title": "Accuracy under transferred perturbations",
                "caption": "Mean over 10 models with the band from the least to the greatest.",
                "grade": "float",
                "data": {
                    "radii": radii,
                    "panels": [
                        {
                            "title": f"{target} targets",
                            "curves": [
                                curve("SVM", 2.1 * scale),
                                curve("network", 1.2 * scale),
                                curve("random", 0.15),
                            ],
                        }
                        for target, scale in (("SVM", 1.0), ("Network", 0.7))
                    ],
                },
            }
        ],
    }
