"""What became of one kind of fault."""

from dataclasses import dataclass, field


@dataclass
class Tally:
    """How often a fault was injected, and what came of it.

    place     where: the guess in floats, or the part of a run
    fault     what was done
    same      the result was the one without the fault
    refused   one clear line said why there is none
    problems  one line for everything else that happened
    """

    place: str
    fault: str
    injected: int = 0
    same: int = 0
    refused: int = 0
    problems: list[str] = field(default_factory=list)

    def row(self) -> tuple[str, ...]:
        """Return the row of the table."""
        numbers = (self.injected, self.same, self.refused, len(self.problems))
        return (self.place, self.fault, *map(str, numbers))
