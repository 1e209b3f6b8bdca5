"""Where a page is sent: the `deliver:` list and the `owner:` of a parameters file."""

from collections.abc import Sequence
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from analytics_lib.core.errors import ParameterError
from analytics_lib.core.strict import StrictModel
from analytics_lib.reporting.parameter_types import SecretName

Address = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+$", max_length=254),
]
_KINDS = ("mail", "webhook", "service", "drop")


class Mail(StrictModel):
    """A mail with a summary and the page attached; each recipient gets one of their own.

    Attributes:
        to: Addresses.
        link: Address of the published site, for a link to the page.
        charts: How many charts of the page are shown in the mail.
    """

    to: list[Address] = Field(min_length=1)
    link: str | None = Field(default=None, pattern=r"^https?://[^\s\"<>]+$")
    charts: int = Field(default=2, ge=0, le=6)


class Webhook(StrictModel):
    """A signed message to a program.

    Attributes:
        url: Its address.
        secret: Environment variable that holds the key of the signature.
        allow_private: Whether it may lie in a private network, or be spoken to without TLS.
    """

    url: str
    secret: SecretName
    allow_private: bool = False

    @model_validator(mode="after")
    def _require_an_address(self) -> Self:
        parts = urlsplit(self.url)
        schemes = ("https", "http") if self.allow_private else ("https",)
        if parts.scheme not in schemes or not parts.hostname:
            raise ParameterError(
                "`url` must start with https://; with `allow_private: true` also with http://"
            )
        if parts.username or parts.password or parts.fragment:
            raise ParameterError("`url` must hold neither a user, a password nor a fragment")
        _ = parts.port  # raises a ValueError where it is none
        return self


class Service(StrictModel):
    """A short text to a chat or another service, through the optional package `apprise`.

    Attributes:
        address: Environment variable that holds the service's address, which is a secret.
    """

    address: SecretName


class Drop(StrictModel):
    """A copy of the published folder elsewhere.

    Attributes:
        folder: Where; relative to the project where it is no absolute path.
    """

    folder: str = Field(min_length=1)


class Target(StrictModel):
    """One place a page or a notice is sent to.

    Attributes:
        name: Its name, unique in the file; what was sent is remembered by it.
        mail: See `Mail`.
        webhook: See `Webhook`.
        service: See `Service`.
        drop: See `Drop`.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    mail: Mail | None = None
    webhook: Webhook | None = None
    service: Service | None = None
    drop: Drop | None = None

    @property
    def kind(self) -> str:
        """Which of the four it is."""
        return next(kind for kind in _KINDS if getattr(self, kind) is not None)

    @property
    def recipients(self) -> list[str]:
        """Who gets a message of their own; a single empty name where there is nobody to name."""
        return list(dict.fromkeys(self.mail.to)) if self.mail else [""]

    @model_validator(mode="after")
    def _require_one_kind(self) -> Self:
        given = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ParameterError(f"a target has exactly one of {list(_KINDS)}, not {given}")
        return self


class Owner(StrictModel):
    """Who answers for a report.

    Attributes:
        name: Who.
        notify: Where failures and alerts are told; never a page and never a number.
    """

    name: str = Field(min_length=1)
    notify: list[Target] = Field(default_factory=list)


def require_targets(targets: Sequence[Target], *, owner: Owner | None, name: str) -> None:
    """Refuse two targets of one name, and an owner who would be told by files.

    Raises:
        ParameterError: There are.
    """
    own = owner.notify if owner else []
    for words, group in (("deliver", targets), ("owner.notify", own)):
        names = [target.name for target in group]
        twice = sorted({item for item in names if names.count(item) > 1})
        if twice:
            raise ParameterError(f"{name}: the targets {twice} of `{words}` are named twice.")
    dropped = [target.name for target in own if target.drop]
    if dropped:
        raise ParameterError(
            f"{name}: the targets {dropped} of `owner.notify` drop files; a notice has none. Use "
            "mail, webhook or service."
        )
