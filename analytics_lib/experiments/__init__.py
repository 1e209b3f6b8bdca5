"""Floor 4: experiments: who was assigned to what, whether that went right, and what it did."""

from analytics_lib.experiments.assignments import Assignments, read_assignments
from analytics_lib.experiments.conversions import ExperimentReading, read_conversions
from analytics_lib.experiments.sample_ratio import SampleRatio, sample_ratio

__all__ = [
    "Assignments",
    "ExperimentReading",
    "SampleRatio",
    "read_assignments",
    "read_conversions",
    "sample_ratio",
]
