"""Two papers on the geometry of adversarial examples, verified in exact arithmetic."""

from certify.version import __version__

__all__ = ["__version__"]
