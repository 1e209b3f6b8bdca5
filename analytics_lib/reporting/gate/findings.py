"""What the gate finds, in words that hold no value of the data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One reason to hold a page.

    Attributes:
        rule: Short name of the rule, such as `small count`.
        where: What it was found in: an object of the page, or a file.
        words: What was found, without the value itself.
        absolute: Whether no one may release the page in spite of it.
    """

    rule: str
    where: str
    words: str
    absolute: bool = False

    def sentence(self) -> str:
        """Rule, place and words."""
        return f"{self.rule} in `{self.where}`: {self.words}"
