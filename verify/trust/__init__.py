"""How far refusals and answers can be trusted: mutants, known labels, faults and fuzz, counted."""
