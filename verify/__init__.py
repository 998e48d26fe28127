"""Two papers on the geometry of adversarial examples, verified in exact arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from certify.version import __version__

if TYPE_CHECKING:
    from verify.auditing import Audit, audit

__all__ = ["Audit", "__version__", "audit"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: an audit needs torch, and most commands do not.
    if name in ("Audit", "audit"):
        import verify.auditing

        return getattr(verify.auditing, name)
    raise AttributeError(f"module 'verify' has no attribute {name!r}")
