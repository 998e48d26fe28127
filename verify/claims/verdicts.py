"""The rule of verdicts: what is said of a statement as printed, and in which reading.

A reader may take as said, without its being repeated in the sentence:

* the standing assumptions of the section, and of the theorem that the sentence speaks of: finite
  sets written x_1..x_N, samples of n draws as lists with repetitions, both labels where a separator
  or two classes are spoken of, a fixed rule for ties, directions that are not zero, regions that
  are not empty, objects of the types that the symbols have elsewhere;
* the objects that the sentence points at: "the direction" is the one that was just constructed, a
  caption speaks of the figure, an informal theorem of the formal one that it announces;
* nothing that only a different sentence would say: no further hypothesis, no other constant, no
  other quantifier.

The verdict is then

* ``true``: the sentence holds, in that reading, word for word;
* ``true after repair``: it holds once one condition, constant or word is changed that no reader
  could supply, and the change leaves what the sentence is for;
* ``false as stated``: an exact counterexample meets every standing assumption, so that no reading
  saves the sentence, and what remains true is another sentence;
* ``vacuous as stated``: nothing meets its hypotheses;
* ``not a statement``: it cannot be true or false, since a word in it has no fixed meaning.

Where several readings are possible the one in which most is true is taken, and each claim's
``reading`` names it.
"""
