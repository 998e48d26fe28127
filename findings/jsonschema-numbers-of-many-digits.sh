#!/usr/bin/env bash
# jsonschema 4.26.0: an integer of more than 4,300 digits ends in ValueError, not ValidationError.
#
# JSON sets no limit to the digits of a number. With Python's own limit on conversions between
# integers and decimal text lifted while a document is parsed (or the integer computed), and back in
# force when it is validated, a validator that refuses such a number builds a message with its
# decimal digits and raises ValueError ("Exceeds the limit (4300 digits) for integer string
# conversion"). Code that catches ValidationError alone is left with a traceback for a document that
# is only invalid. A valid number of that length passes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet jsonschema==4.26.0
"$folder/venv/bin/python" - <<'PYTHON'
import jsonschema

long = 10**5000
jsonschema.validate(long, {"type": "integer"})
outcomes = {}
for name, schema in (("maximum", {"maximum": 1}), ("type", {"type": "string"})):
    try:
        jsonschema.validate(long, schema)
    except Exception as error:
        outcomes[name] = type(error).__name__
        print(name, outcomes[name], str(error)[:70])
assert outcomes == {"maximum": "ValueError", "type": "ValueError"}, outcomes
PYTHON
