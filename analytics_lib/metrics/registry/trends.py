"""Cards of the metrics of series: trends, seasons, changes and comparisons."""

from analytics_lib.metrics.registry.card import Metric

CARDS = (
    Metric(
        name="Trend",
        function="trend",
        question="Does the series rise or fall, by how much a period, and how sure is that?",
        unit="unit of the series a period",
        direction="neither",
        definition="Slope of a straight line by least squares, with the larger of the classical "
        "error and that of Newey and West, which allows for autocorrelation; a direction only "
        "where the interval excludes 0.",
        variants="Theil-Sen (median of all slopes); Mann-Kendall; exponential growth.",
        source="Newey and West (1987), Econometrica; Sen (1968), JASA",
    ),
    Metric(
        name="Seasonality",
        function="seasonality",
        question="How much of the movement of the series is trend, and how much comes back every "
        "season?",
        unit="strength",
        direction="neither",
        definition="1 less the variance of the remainder divided by that of remainder and season "
        "(or trend) together, not below 0, by a robust STL decomposition.",
        variants="Autocorrelation at the season; other decompositions.",
        source="Wang, Smith and Hyndman (2006), Data Min. Knowl. Discov.",
    ),
    Metric(
        name="Seasonal profile",
        function="seasonal_profile",
        question="How far above or below the trend is each place in the season?",
        unit="unit of the series",
        direction="neither",
        definition="Mean of the seasonal part at each place of the season, by a robust STL "
        "decomposition.",
        variants="Ratio to the moving average; plain means by weekday or month.",
        source="Cleveland et al. (1990), J. Off. Stat. 6, 3-73",
    ),
    Metric(
        name="Change points",
        function="change_points",
        question="When did the level of the series change, and from what to what?",
        unit="unit of the series",
        direction="neither",
        definition="The places that split the series into stretches around means with the least "
        "squares, found exactly; how many, by the modified Bayesian information criterion.",
        variants="A penalty named by the caller; PELT; binary segmentation; changes of slope.",
        source="Auger and Lawrence (1989); Zhang and Siegmund (2007), Biometrics",
    ),
    Metric(
        name="Correlations",
        function="correlations",
        question="Which of these numbers move together, allowing for how many pairs were tried?",
        unit="coefficient",
        direction="neither",
        definition="Spearman's rank correlation of each pair over the rows where both are known, "
        "with p values adjusted for all pairs (Holm).",
        variants="Pearson, with Fisher's interval; Benjamini and Hochberg.",
        source="Holm (1979); Benjamini and Hochberg (1995); Fisher (1921)",
    ),
    Metric(
        name="Comparison with history",
        function="compare_with_history",
        question="Is the newest complete value unusual for this series?",
        unit="standard deviations",
        direction="neither",
        definition="The newest known value less the mean of those before it (of the same season, "
        "where one is named), in their standard deviations, and its percentile among them.",
        variants="Median and MAD; residuals of a forecast.",
        source="Own definition; the z-score as commonly used",
        alert_below=-3.0,
        alert_above=3.0,
        alert_reason="Three standard deviations, the control limits of Shewhart 1931.",
    ),
    Metric(
        name="Comparison with peers",
        function="compare_with_peers",
        question="Where does each stand among its peers?",
        unit="percentile",
        direction="neither",
        definition="Share of the other units of the group with a lower value, plus half of those "
        "with the same; none with fewer than five peers.",
        variants="Rank; z-score; percentile with itself among the peers.",
        source="Percentile rank as commonly used, ties by half",
    ),
)
