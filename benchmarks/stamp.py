"""Say in what other tools have written of which version and commit of this package it speaks.

``python -m benchmarks.stamp FILE...`` puts a line above a table in Markdown, and makes the package
the component that a bill of materials (CycloneDX, JSON) describes.
"""

import json
import sys
from pathlib import Path

from certify.version import __version__
from verify.evidence.commit import commit


def stamp(file: Path) -> None:
    """Write version and commit into a file that has neither."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".md":
        text = f"adversarial-geometry {__version__}, commit {commit()}.\n\n{text}"
    else:
        bill = json.loads(text)
        bill["metadata"]["component"] = {
            "type": "application",
            "bom-ref": "adversarial-geometry",
            "name": "adversarial-geometry",
            "version": __version__,
            "properties": [{"name": "commit", "value": str(commit())}],
        }
        text = json.dumps(bill, indent=2, sort_keys=True) + "\n"
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        stamp(Path(name))
