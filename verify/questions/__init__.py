"""Audits of a user's own classifier: from the theorems to exact answers about one model."""

from verify.questions.audit import Audit, audit

__all__ = ["Audit", "audit"]
