"""Name, logo and colours of whoever publishes, from one YAML file."""

import base64
import re
from dataclasses import dataclass

from pydantic import Field

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import StrictModel, validate
from analytics_lib.core.yaml_files import read_yaml
from analytics_lib.reporting.digests import file_digest
from analytics_lib.reporting.project import Project

LABEL = "parameters/branding.yaml"
LARGEST_LOGO = 20_000
LEAST_CONTRAST = 4.5
_LIGHT, _DARK = "#ffffff", "#14181d"
_LINEAR_UP_TO = 0.04045
_COLOUR = r"^#[0-9a-fA-F]{6}$"
_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


class BrandingFile(StrictModel):
    """The content of the file.

    Attributes:
        name: Name in the header of every page.
        logo: An SVG or PNG file beside the file, at most 20 kB.
        accent: Colour of links and of the line beside the answer, on white.
        accent_dark: The same in the dark.
    """

    name: str = Field(min_length=1, max_length=60)
    logo: str | None = None
    accent: str | None = Field(default=None, pattern=_COLOUR)
    accent_dark: str | None = Field(default=None, pattern=_COLOUR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branding:
    """What the pages need of it.

    Attributes:
        name: The name; empty for none.
        logo: The logo as a data URL; empty for none.
        css: Rules that replace the colours.
    """

    name: str = ""
    logo: str = ""
    css: str = ""


def load_branding(project: Project) -> Branding:
    """Read the file; without one the pages carry no name.

    Raises:
        ParameterError: It holds a mistake, a colour that cannot be read on its
            background, or a logo that is too large, missing or no image.
    """
    path = project.branding
    if not path.is_file():
        return Branding()
    given = validate(BrandingFile, read_yaml(path, label=LABEL), name=LABEL)
    for colour, background in ((given.accent, _LIGHT), (given.accent_dark, _DARK)):
        if colour and contrast(colour, background) < LEAST_CONTRAST:
            raise ParameterError(
                f"{LABEL}: {colour} on {background} has a contrast of "
                f"{contrast(colour, background):.1f}; it must be at least {LEAST_CONTRAST}."
            )
    light = f":root{{--accent:{given.accent}}}" if given.accent else ""
    dark = (
        f"@media screen and (prefers-color-scheme:dark){{:root{{--accent:{given.accent_dark}}}}}"
        if given.accent_dark
        else ""
    )
    return Branding(name=given.name, logo=_logo(project, given.logo), css=light + dark)


def branding_digest(project: Project) -> str:
    """What the pages depend on of the branding: the file and the logo it names."""
    digest = file_digest(project.branding)
    if digest == "absent":
        return digest
    logo = read_yaml(project.branding, label=LABEL).get("logo")
    return f"{digest} {file_digest(project.branding.parent / str(logo))}" if logo else digest


def contrast(first: str, second: str) -> float:
    """Contrast of two colours, 1 to 21.

    References:
        WCAG 2.2, contrast ratio and relative luminance.

    Examples:
        >>> round(contrast("#ffffff", "#000000"), 1)
        21.0
    """
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= _LINEAR_UP_TO else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _logo(project: Project, name: str | None) -> str:
    if name is None:
        return ""
    path = project.branding.parent / name
    kind = _TYPES.get(path.suffix.lower())
    if kind is None or "/" in name or "\\" in name or not path.is_file():
        raise ParameterError(
            f"{LABEL}: `logo` is {name!r}; it must be an SVG or PNG file beside it."
        )
    content = path.read_bytes()
    if len(content) > LARGEST_LOGO:
        raise ParameterError(
            f"{LABEL}: the logo has {len(content)} bytes; at most {LARGEST_LOGO} go into each page."
        )
    if kind == "image/svg+xml" and re.search(rb"<script|\son\w+=|href\s*=\s*[\"'](?!#)", content):
        raise ParameterError(f"{LABEL}: the logo runs or loads something.")
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
