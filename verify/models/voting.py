"""Rules from scores to classes as torch modules, behind networks of floats."""

from torch import Tensor, nn

from verify.models.rules import Rule


class ByClass(nn.Module):
    """From scores to scores of classes, by a rule."""

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self.rule = rule

    def forward(self, scores: Tensor) -> Tensor:
        """Return scores (n, classes), the largest of which tells the class."""
        return self.rule.by_class(scores)
