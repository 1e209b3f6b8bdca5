"""The class of a device from its user agent: seen at the door, never stored."""

import polars as pl

# Only what robots say of themselves. One that hides as a browser is known by what it does:
# see the thresholds of `RobotRule`.
_ROBOTS = (
    *(r"bots?\b", "crawl", "spider", "slurp", "scrap", "headless", "phantomjs", "selenium"),
    *("puppeteer", "playwright", r"\bcurl/", r"\bwget/", "python-", "python/", "aiohttp", "httpx/"),
    *("go-http-client", "libwww", "facebookexternalhit", "mediapartners", "lighthouse"),
    *("pingdom", "uptime", "feedfetcher", "bingpreview"),
)
_TABLETS = ("ipad", "tablet", "kindle", r"\bsilk/", "playbook")
_MOBILES = ("mobi", "iphone", "ipod", "windows phone")
_DESKTOPS = ("windows nt", "macintosh", "x11", "cros", "linux")
_NO_ROBOT = "cubot"  # a maker of telephones


def device_class(user_agent: pl.Expr) -> pl.Expr:
    """`robot`, `tablet`, `mobile`, `desktop` or `other`; null where there is no user agent.

    Examples:
        >>> agents = pl.DataFrame({"agent": ["curl/8.5.0", "Mozilla/5.0 (X11; Linux x86_64)"]})
        >>> agents.select(found=device_class(pl.col("agent")))["found"].to_list()
        ['robot', 'desktop']
    """
    words = user_agent.str.to_lowercase().str.replace_all(_NO_ROBOT, "")
    android = words.str.contains("android", literal=True)
    return (
        pl.when(user_agent.is_null())
        .then(None)
        .when(words.str.contains("|".join(_ROBOTS)))
        .then(pl.lit("robot"))
        .when(words.str.contains("|".join(_TABLETS)))
        .then(pl.lit("tablet"))
        .when(words.str.contains("|".join(_MOBILES)))
        .then(pl.lit("mobile"))
        .when(android)
        .then(pl.lit("tablet"))  # telephones say `Mobile`
        .when(words.str.contains("|".join(_DESKTOPS)))
        .then(pl.lit("desktop"))
        .otherwise(pl.lit("other"))
    )
