"""What the post-processing of a picture does, on pictures small enough to read."""

from xml.etree import ElementTree as ET

from analytics_lib.display.svg import count_marks, svg_html, tidy

SVG = (
    '<svg viewBox="0 0 10 10"><rect fill="white"/>'
    '<g class="root" transform="translate(0,0)"><g aria-label="ann@example.org">'
    '<path aria-label="ann" role="graphics-symbol" d="M0.04,1.26h1e-9Z" fill="#17202A"/>'
    '<path d="M2,2h1Z" fill="#17202a" opacity="1"/></g>'
    '<g><text font-family="x" font-size="13px" fill="#586471">a &amp; b</text></g>'
    '<text opacity="0">hidden</text><g><title>ann</title></g></g></svg>'
)


def test_what_is_not_drawn_goes() -> None:
    root = ET.fromstring(SVG)
    tidy(root)
    # origin: by hand
    assert svg_html(root, id_="p", title="T<", description='D"') == (
        '<svg viewBox="0 0 10 10" width="10" height="10" role="img" '
        'aria-labelledby="p-title p-desc" font-family="-apple-system, &#x27;Segoe UI&#x27;, '
        "Roboto, &#x27;Helvetica Neue&#x27;, &#x27;Noto Sans&#x27;, &#x27;Liberation Sans&#x27;, "
        'Arial, sans-serif"><title id="p-title">T&lt;</title><desc id="p-desc">D&quot;</desc>'
        '<g fill="#17202a"><path d="M0,1.3h0Z" /><path d="M2,2h1Z" /></g>'
        '<text font-size="13" fill="#586471">a &amp; b</text></svg>'
    )
    assert count_marks(root) == 3
