"""Problems of one genotype file, collected so that thousands of one kind stay readable."""

from alsrev_dagster.errors import Problem

_N_SHOWN = 5


class ProblemList:
    """Problems of one file, at most ``n_shown`` of a kind; the rest are counted."""

    def __init__(self, file_name: str) -> None:
        self.file_name = file_name
        self._shown: dict[str, list[Problem]] = {}
        self._n: dict[str, int] = {}
        self._name_of: dict[str, str] = {}

    def of(self, file_name: str) -> "ProblemList":
        """Return a list for a file that belongs to this one: what is added there is here too."""
        other = ProblemList(file_name)
        other._shown, other._n, other._name_of = self._shown, self._n, self._name_of
        return other

    def __bool__(self) -> bool:
        return bool(self._shown)

    @property
    def n(self) -> int:
        """Problems added so far, shown or not."""
        return sum(self._n.values())

    def add(
        self, place: str, found: str, *, expected: str, fix: str, kind: str, n_shown: int = _N_SHOWN
    ) -> None:
        """Add a problem at a place in the file (``line 7``; empty for the whole file)."""
        self._n[kind] = self._n.get(kind, 0) + 1
        self._name_of[kind] = self.file_name
        shown = self._shown.setdefault(kind, [])
        if len(shown) < n_shown:
            where = f"{self.file_name}, {place}" if place else self.file_name
            shown.append(Problem(where, found, expected, fix))

    def all(self) -> tuple[Problem, ...]:
        """Every problem, each kind closed by the number that is not shown."""
        out: list[Problem] = []
        for kind, shown in self._shown.items():
            out += shown
            n_more = self._n[kind] - len(shown)
            if n_more:
                last = shown[-1]
                found = f"and {n_more:,} more: {kind}"
                out.append(Problem(self._name_of[kind], found, last.expected, last.fix))
        return tuple(out)
