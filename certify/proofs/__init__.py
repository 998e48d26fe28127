"""Proofs for all sizes, over any ordered field, that the proof assistant Coq has checked.

A proof lies beside what it speaks of. ``NAME.v`` beside ``NAME.json`` of a kind of certificate says
that the checks of the kind imply its sentence; beside ``NAME.py`` of a claim, its statement,
repaired where it must be. Its theorem is named as the file, further ones ``NAME_...``. What several
proofs need lies here. ``make proofs`` checks all of them (:mod:`certify.proofs.__main__`).
"""
