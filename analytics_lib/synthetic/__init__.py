"""Floor 3: simulated logs with known truth, for tests, benchmarks and newcomers."""

from analytics_lib.synthetic.adversarial import adversarial_logs, daylight_saving_instants
from analytics_lib.synthetic.clickstream import EVENT_TYPES, clickstream

__all__ = ["EVENT_TYPES", "adversarial_logs", "clickstream", "daylight_saving_instants"]
