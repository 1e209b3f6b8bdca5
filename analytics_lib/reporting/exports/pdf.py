"""The page as PDF, by its own print style sheet, without a browser."""

import hashlib

from analytics_lib.core.errors import AccessError, RunError


def page_pdf(html: str, *, name: str) -> bytes:
    """The PDF's bytes; the same for the same page. Nothing is loaded from anywhere.

    Args:
        html: The page, as it is published.
        name: What it is, for messages.

    Raises:
        AccessError: WeasyPrint or its system libraries are not installed.
        RunError: The page would load something.
    """
    try:
        from weasyprint import HTML  # noqa: PLC0415 - two seconds and system libraries: when asked
        from weasyprint.urls import URLFetcher  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise AccessError(
            f"`{name}`: `exports` names pdf, which needs WeasyPrint and Pango: "
            "pip install 'analytics-lib[pdf]' and the system package libpango-1.0-0 with "
            "libpangoft2-1.0-0."
        ) from error

    refused: list[str] = []

    class Nothing(URLFetcher):  # type: ignore[misc] # weasyprint is untyped
        """Loads data URLs only."""

        def fetch(self, url: str, headers: object = None) -> object:
            """Refuse everything that is not in the page itself."""
            if not url.startswith("data:"):
                refused.append(url)
                raise ValueError("nothing is loaded")
            return super().fetch(url, headers)

    identifier = hashlib.sha256(html.encode()).digest()[:16]
    document = HTML(string=html, base_url=None, url_fetcher=Nothing())
    made: bytes = document.write_pdf(pdf_identifier=identifier, pdf_tags=True)
    if refused:
        raise RunError(f"`{name}` would load {len(refused)} things into its PDF.")
    return made
