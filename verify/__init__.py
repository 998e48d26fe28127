"""Two papers on the geometry of adversarial examples, verified in exact arithmetic.

audit  exact answers about a trained classifier, with certificates
Audit  the answers of an audit, with its report
"""

from typing import TYPE_CHECKING, Any

from certify.version import __version__

if TYPE_CHECKING:
    from verify.questions import Audit, audit

__all__ = ["Audit", "__version__", "audit"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: an audit needs torch, and most commands do not.
    if name in ("Audit", "audit"):
        import verify.questions

        return getattr(verify.questions, name)
    raise AttributeError(f"module 'verify' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
