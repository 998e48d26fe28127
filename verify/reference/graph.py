"""The graph of claims as a picture: from what a proof rests on, to the right, what rests on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

WIDTH, HEIGHT, ACROSS, DOWN, EDGE = 152, 60, 26, 9, 4  # of a node, between nodes, and a margin
_SWEEPS = 8


@dataclass(frozen=True)
class Node:
    """The place of one claim: the left upper corner of its box."""

    id: str
    x: float
    y: float


@dataclass(frozen=True)
class Edge:
    """A curve from a claim to one that uses it, as an SVG path."""

    start: str
    end: str
    path: str


@dataclass(frozen=True)
class Drawing:
    """Nodes and edges, with the size of the whole."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float


def layered(uses: Mapping[str, Sequence[str]]) -> Drawing:
    """Place claims in columns, each to the right of all that it uses, with few crossings.

    Within a column the order follows the mean place of the neighbours (K. Sugiyama, S. Tagawa and
    M. Toda, 1981). Raises ``graphlib.CycleError`` when claims rest on each other in a circle.

    >>> [(n.id, n.x) for n in layered({"a": [], "b": ["a"]}).nodes]
    [('a', 4), ('b', 182)]
    """
    depth: dict[str, int] = {}
    for claim in TopologicalSorter(uses).static_order():
        depth[claim] = max((depth[used] + 1 for used in uses[claim]), default=0)
    users = {claim: [other for other in uses if claim in uses[other]] for claim in uses}
    columns: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    # What neither uses nor is used stands apart, below the others.
    loose = [claim for claim in uses if not uses[claim] and not users[claim]]
    for claim in uses:
        if claim not in loose:
            columns[depth[claim]].append(claim)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        place = {c: i / len(column) for column in columns for i, c in enumerate(column)}
        for column in columns if forward else reversed(columns):
            near = uses if forward else users
            mean = {
                c: sum(place[n] for n in near[c]) / len(near[c]) if near[c] else place[c]
                for c in column
            }
            column.sort(key=mean.__getitem__)
            place |= {c: i / len(column) for i, c in enumerate(column)}
    tallest = max(map(len, columns))
    corners: dict[str, tuple[float, float]] = {}
    for number, column in enumerate(columns):
        free = (tallest - len(column)) / max(len(column), 1)
        for i, claim in enumerate(column):
            row = i * (1 + free) + free / 2
            corners[claim] = (EDGE + number * (WIDTH + ACROSS), EDGE + row * (HEIGHT + DOWN))
    below = EDGE + tallest * (HEIGHT + DOWN) + DOWN
    for i, claim in enumerate(loose):
        column_number, row = i % len(columns), i // len(columns)
        corners[claim] = (EDGE + column_number * (WIDTH + ACROSS), below + row * (HEIGHT + DOWN))
    edges = tuple(
        Edge(used, claim, _curve(corners[used], corners[claim]))
        for claim in uses
        for used in uses[claim]
    )
    height = max(y for _, y in corners.values()) + HEIGHT + EDGE
    width = max(x for x, _ in corners.values()) + WIDTH + EDGE
    nodes = tuple(Node(claim, *corners[claim]) for claim in uses)
    return Drawing(nodes, edges, width, height)


def _curve(start: tuple[float, float], end: tuple[float, float]) -> str:
    x, y = start[0] + WIDTH, start[1] + HEIGHT / 2
    to_x, to_y = end[0], end[1] + HEIGHT / 2
    bend = ACROSS * 0.6
    return f"M{x:g} {y:g}C{x + bend:g} {y:g} {to_x - bend:g} {to_y:g} {to_x:g} {to_y:g}"
