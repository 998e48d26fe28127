"""The exact, immutable objects that the claims speak of, and their labels along rays."""

from certify.certificates.encoding import from_json, to_json
from verify.objects.cell_rules import Cell, CellRule
from verify.objects.heads import SoftmaxHead
from verify.objects.labelled_sets import LabelledSet
from verify.objects.multiclass import ArgmaxRule
from verify.objects.multiclass_sets import MulticlassSet
from verify.objects.networks import TwoLayerNetwork
from verify.objects.rays import Rule, changed_step, critical_steps, is_adversarial
from verify.objects.rules import LinearRule
from verify.objects.vectors import square, units

__all__ = [
    "ArgmaxRule", "Cell", "CellRule", "LabelledSet", "LinearRule", "MulticlassSet", "Rule",
    "SoftmaxHead", "TwoLayerNetwork", "changed_step", "critical_steps", "from_json",
    "is_adversarial", "square", "to_json", "units",
]  # fmt: skip
