"""How far refusals and answers can be trusted: mutants, known labels and fuzz, counted."""
