"""Certificates: what they are, and how each kind is made from exact objects."""

from certify.certificates.heads import (
    adjacent,
    apart,
    decision_region,
    invariant_regions,
    logits_differ,
    not_parallel,
    parallel,
    unbounded_region,
)
from certify.certificates.margins import (
    class_left,
    convex_direction,
    every_model,
    every_separator,
    separator_steps,
    some_point_flips,
)
from certify.certificates.networks import (
    convex_negative_region,
    network_flip,
    network_points,
    relu_label_forced,
    relu_universal_direction,
    twin,
)

__all__ = [
    "adjacent",
    "apart",
    "class_left",
    "convex_direction",
    "convex_negative_region",
    "decision_region",
    "every_model",
    "every_separator",
    "invariant_regions",
    "logits_differ",
    "network_flip",
    "network_points",
    "not_parallel",
    "parallel",
    "relu_label_forced",
    "relu_universal_direction",
    "separator_steps",
    "some_point_flips",
    "twin",
    "unbounded_region",
]
