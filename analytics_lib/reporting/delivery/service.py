"""Chats and other services, through the optional package `apprise`."""

import importlib
import os
from typing import Any

from analytics_lib.core.errors import AccessError
from analytics_lib.reporting.delivery.outcomes import TransientError
from analytics_lib.reporting.delivery.spec import Service


def send_to_service(target: Service, *, title: str, text: str) -> None:
    """Send a short text.

    Raises:
        AccessError: `apprise` is not installed, or the address is not set or not understood.
        TransientError: The service did not take it.
    """
    address = os.environ.get(target.address, "")
    if not address:
        raise AccessError(f"the environment variable `{target.address}` is not set")
    apprise = _apprise()
    sender = apprise.Apprise()
    if not sender.add(address):
        raise AccessError(f"apprise does not understand the address in `{target.address}`")
    if not sender.notify(title=title, body=text):
        raise TransientError("the service did not take it")


def _apprise() -> Any:  # noqa: ANN401 - an optional package without types
    try:
        return importlib.import_module("apprise")
    except ModuleNotFoundError as error:
        raise AccessError(
            "a `service` target needs the package `apprise`; install it with `pip install apprise`"
        ) from error
