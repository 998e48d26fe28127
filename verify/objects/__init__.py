"""The exact, immutable objects that the claims speak of."""

from certify.certificates.encoding import from_json, to_json
from verify.objects.cell_rules import Cell, CellRule
from verify.objects.heads import SoftmaxHead
from verify.objects.labelled_sets import LabelledSet
from verify.objects.multiclass import ArgmaxRule
from verify.objects.networks import TwoLayerNetwork
from verify.objects.rules import LinearRule

__all__ = [
    "ArgmaxRule",
    "Cell",
    "CellRule",
    "LabelledSet",
    "LinearRule",
    "SoftmaxHead",
    "TwoLayerNetwork",
    "from_json",
    "to_json",
]
