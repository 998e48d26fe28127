"""Two papers on the geometry of adversarial examples, verified in exact arithmetic.

audit    exact answers about a trained classifier, with certificates
Audit    the answers of an audit, with its report
decide   whether a property of VNN-LIB holds of a model, with certificates or a counterexample
Decided  what came of that
"""

from typing import TYPE_CHECKING, Any

from certify.version import __version__

if TYPE_CHECKING:
    from verify.properties.decided import Decided
    from verify.properties.decision import decide
    from verify.questions import Audit, audit

__all__ = ["Audit", "Decided", "__version__", "audit", "decide"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: an audit needs torch, and most commands do not.
    if name in ("Audit", "audit"):
        import verify.questions

        return getattr(verify.questions, name)
    if name in ("Decided", "decide"):
        import verify.properties.decision

        return getattr(verify.properties.decision, name)
    raise AttributeError(f"module 'verify' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
