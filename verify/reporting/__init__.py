"""From a report dictionary to ``report.json`` and one self-contained ``index.html``.

The dictionary's shape is fixed by ``report.schema.json``; :func:`validate` names the place where a
dictionary departs from it, :func:`write_report` writes both files.
"""

from verify.reporting.document import validate, write_report

__all__ = ["validate", "write_report"]
