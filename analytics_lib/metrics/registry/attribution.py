"""Cards of the metrics of attribution."""

from analytics_lib.metrics.registry.card import Metric

CARDS = (
    Metric(
        name="Attributed conversions",
        function="attribute_conversions",
        question="How many conversions is each channel credited with?",
        unit="conversions",
        direction="neither",
        definition="Each conversion is shared among the touches of its user within the lookback "
        "window and since the user's last conversion. Touches of one channel in a row are one. "
        "Conversions without a touch are reported as unattributed.",
        variants="First touch, last touch, linear, time decay, position (40/20/40), Markov "
        "removal effect; other windows; every touch for itself.",
        source="Adobe Analytics, attribution models; Anderl et al. 2016, Int. J. Res. Mark. 33, "
        "457-474",
    ),
    Metric(
        name="Attributed share",
        function="attributed_share",
        question="What share of conversions had any touch before them?",
        unit="share",
        direction="higher is better",
        definition="Conversions with a touch of their user within the lookback window and since "
        "the user's last conversion, divided by all conversions.",
        variants="Direct visits as a channel of their own, which attributes nearly everything.",
        source="Adobe Analytics, attribution models (the row None)",
    ),
)
