"""Where a webhook may go: addresses are resolved once, looked at, and only those are spoken to."""

import ipaddress
import socket

from analytics_lib.reporting.delivery.outcomes import PermanentError, TransientError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def checked_addresses(host: str, port: int, *, allow_private: bool) -> list[str]:
    """The addresses of a host, all of them public.

    The caller connects to one of these and does not resolve the name again: a name that
    answers differently the second time leads nowhere.

    Args:
        host: A name, or an address in any spelling the system understands.
        port: The port.
        allow_private: Whether private addresses are in order too.

    Raises:
        PermanentError: One of them lies in a private network, on this machine or on its link.
        TransientError: The name cannot be resolved.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TransientError(f"the name `{host}` cannot be resolved") from error
    addresses = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    private = [text for text in addresses if not is_public(ipaddress.ip_address(text))]
    if private and not allow_private:
        raise PermanentError(
            f"`{host}` leads to a private address; `allow_private: true` would let it"
        )
    return addresses


def is_public(address: IPAddress) -> bool:
    """Whether an address belongs to the public internet, whatever it is wrapped in.

    Examples:
        >>> is_public(ipaddress.ip_address("93.184.216.34"))
        True
        >>> is_public(ipaddress.ip_address("::ffff:10.0.0.1"))
        False
    """
    inner = _inner(address)
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def _inner(address: IPAddress) -> IPAddress:
    """The IPv4 address inside a mapped, 6to4, Teredo or NAT64 one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
