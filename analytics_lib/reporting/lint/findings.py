"""What a rule says of a notebook."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One broken rule.

    Attributes:
        notebook: Name of the notebook.
        cell: Id of the cell; empty where the notebook as a whole is meant.
        rule: The rule, in words that stay the same.
        found: What was found.
        remedy: What to do instead.
    """

    notebook: str
    cell: str
    rule: str
    found: str
    remedy: str

    def to_dict(self) -> dict[str, str]:
        """The finding as JSON."""
        return asdict(self)

    def line(self) -> str:
        """The finding in one line."""
        where = f"{self.notebook}:{self.cell}" if self.cell else self.notebook
        return f"{where}: {self.rule}: {self.found}; {self.remedy}"
