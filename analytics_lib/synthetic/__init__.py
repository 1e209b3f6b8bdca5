"""Floor 3: simulated logs with known truth, for tests, benchmarks and newcomers."""

from analytics_lib.synthetic.adversarial import adversarial_logs, daylight_saving_instants
from analytics_lib.synthetic.clickstream import EVENT_TYPES, clickstream
from analytics_lib.synthetic.communities import Community, community
from analytics_lib.synthetic.content import ContentCommunity, content_community
from analytics_lib.synthetic.content_parameters import ContentPlatformParameters
from analytics_lib.synthetic.content_platform import (
    ContentPlatform,
    content_platform,
    content_platform_chunks,
)
from analytics_lib.synthetic.lessons import Lessons, lessons
from analytics_lib.synthetic.marketplace import Marketplace, marketplace, marketplace_chunks
from analytics_lib.synthetic.marketplace_parameters import MarketplaceParameters
from analytics_lib.synthetic.services import ServiceMeasurements, service_measurements
from analytics_lib.synthetic.sharing import SharingPlatform, sharing_parts, sharing_platform
from analytics_lib.synthetic.sharing_parameters import SharingParameters

__all__ = [
    "EVENT_TYPES",
    "Community",
    "ContentCommunity",
    "ContentPlatform",
    "ContentPlatformParameters",
    "Lessons",
    "Marketplace",
    "MarketplaceParameters",
    "ServiceMeasurements",
    "SharingParameters",
    "SharingPlatform",
    "adversarial_logs",
    "clickstream",
    "community",
    "content_community",
    "content_platform",
    "content_platform_chunks",
    "daylight_saving_instants",
    "lessons",
    "marketplace",
    "marketplace_chunks",
    "service_measurements",
    "sharing_parts",
    "sharing_platform",
]
