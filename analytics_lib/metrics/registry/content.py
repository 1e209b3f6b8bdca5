"""Cards of the metrics of content."""

from analytics_lib.metrics.registry.card import Metric

CARDS = (
    Metric(
        name="Content views",
        function="content_views",
        question="How often is each piece of content viewed, by how many people, and what do "
        "they do with it?",
        unit="views",
        direction="higher is better",
        definition="Events of the view types about the item; different users behind them; views "
        "divided by viewers; for each interaction its events, and the viewers who did it at "
        "least once as a share of the viewers.",
        variants="Interactions per view; unique views (once a session).",
        source="Plausible and Matomo, page views and unique visitors",
    ),
    Metric(
        name="Click-through",
        function="click_through",
        question="How often is each piece of content clicked where it was shown?",
        unit="share",
        direction="higher is better",
        definition="Users who clicked the item, divided by the users it was shown to.",
        variants="Clicks per impression, with a delta-method interval clustered by user.",
        source="Deng, Knoblich and Lu (2018), KDD; tea-tasting, RatioOfMeans",
    ),
    Metric(
        name="Time on page",
        function="time_on_page",
        question="How long do people stay on each piece of content?",
        unit="seconds",
        direction="higher is better",
        definition="Time from a view to the next view of the session, at most 30 minutes. The "
        "last view of a session has none and is counted apart.",
        variants="Heartbeats or page pings; other caps; the last page as 0 seconds.",
        source="Plausible issues 111 and 2161; Snowplow, page pings",
    ),
    Metric(
        name="Bounce of content",
        function="content_bounce",
        question="What share of the visits that began on each piece of content ended with that "
        "one event?",
        unit="share",
        direction="lower is better",
        definition="Sessions whose only event is about the item, divided by the sessions whose "
        "first event is.",
        variants="Sessions not engaged (at most 10 seconds, no key event, fewer than two views); "
        "one page view whatever else happened.",
        source="Google Analytics 4, bounce rate; Umami issues 2228, 2284 and 2727",
    ),
    Metric(
        name="Sources of content",
        function="content_sources",
        question="Where do the visits come from that begin on each piece of content?",
        unit="share",
        direction="neither",
        definition="Sessions that began on the item with the source on their first event, "
        "divided by all sessions that began on it; no source is a group of its own.",
        variants="By views instead of entries; the last known source where a visit has none.",
        source="Google Analytics 4, session source; Plausible, entry pages",
    ),
    Metric(
        name="Entries by source",
        function="entries_by_source",
        question="Which source brings visits to content, and how many of them end at once?",
        unit="visits",
        direction="neither",
        definition="Sessions that began on content by the source on their first event; of them, "
        "the share whose only event that is.",
        variants="Last known source where a visit has none; engaged sessions instead.",
        source="Own definition on the bounce of content",
    ),
    Metric(
        name="Content by period",
        function="content_by_period",
        question="How is content used in all, in each of the last periods?",
        unit="views",
        direction="higher is better",
        definition="All content taken as one, in each complete period: views; unique views (an "
        "item once a session); viewers; median and mean time on page; bounces of entries; clicks "
        "an impression; reactions for every thousand views.",
        variants="Means over items, which weigh an item nobody reads like the most read one.",
        source="Own definition, from those of content views, time on page, bounce and "
        "click-through",
        overlapping=("viewers",),
    ),
    Metric(
        name="Search appearances",
        function="search_appearances",
        question="How often does each piece of content appear in search results, and who opens "
        "it there?",
        unit="appearances",
        direction="neither",
        definition="Events of the item shown among results; users it appeared to; those of them "
        "who opened it as a share; mean position.",
        variants="Clicks per appearance; only appearances that came into sight.",
        source="Google Search Console, impressions, clicks and position",
    ),
    Metric(
        name="Quality of content",
        function="content_quality",
        question="How good is each piece of content, by a score whose parts are shown?",
        unit="score",
        direction="higher is better",
        definition="Weighted mean of four percentile ranks among the items with enough viewers: "
        "median time on page, share of viewers who came back on another day, interactions per "
        "viewer, share of visits begun there that went on. Equal weights unless named.",
        variants="Other weights; raw values scaled instead of ranks; ratings by readers.",
        source="Own definition, published with its parts; there is no accepted standard",
    ),
    Metric(
        name="Suggestions for content",
        function="content_suggestions",
        question="Which items do many people see that do worse than the others, and by what rule?",
        unit="items",
        direction="lower is better",
        definition="Items in the top quarter by viewers whose quality score, or one of its "
        "percentile ranks, is at or below 0.25; one row a rule.",
        variants="Other thresholds.",
        source="Own definition on the quality of content",
    ),
    Metric(
        name="Trending content",
        function="trending",
        question="Which content is viewed more than its own past would have it?",
        unit="ratio",
        direction="neither",
        definition="Views of the last 7 days compared with those expected from the 28 days "
        "before, shrunk towards 1 as if 10 more views had been expected and seen (gamma-Poisson "
        "posterior mean); ranked by the lower end of its interval.",
        variants="Scores that decay with time; growth without shrinkage; compared with all "
        "content instead of the item's own past.",
        source="Gelman et al. (2013), Bayesian Data Analysis, chapter 2",
    ),
    Metric(
        name="Return on content",
        function="return_on_content",
        question="How much value does each piece of content bring in for what it costs?",
        unit="ratio",
        direction="higher is better",
        definition="Value of events up to 7 days after a view, attributed to the item viewed last "
        "before them, divided by the cost of the item. An accounting rule, not an effect.",
        variants="The same part to every item viewed in the window; first view; position-based.",
        source="Google Analytics, attribution models",
        sums=("value",),
        contributions="content_contributions",
    ),
)
