"""`make bench`: every figure on a line, with its goal. `python -m tests.load NAME…` for some.

A benchmark is a module with `measure() -> Iterator[Figure]`. Times depend on the machine, so
rates are given as ratios to something measured in the same run, and none of this is a test.
"""

import sys
from collections.abc import Callable, Iterator

from tests.load import api, first_visit, imports, moves, reports
from tests.load.figures import Figure

BENCHMARKS: dict[str, Callable[[], Iterator[Figure]]] = {
    "api": api.measure,
    "first_visit": first_visit.measure,
    "imports": imports.measure,
    "moves": moves.measure,
    "reports": reports.measure,
}


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all; return 1 if a goal was missed."""
    if unknown := set(names) - set(BENCHMARKS):
        print(f"No such benchmark: {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    met = True
    for name in names or BENCHMARKS:
        print(f"\n== {name}", flush=True)
        for figure in BENCHMARKS[name]():
            print(figure, flush=True)
            met &= figure.is_met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
