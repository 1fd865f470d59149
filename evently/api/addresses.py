"""From where a request comes, as far as that can be believed."""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

LOCAL = "local"
# A proxy may tell the port as well, and writes an IPv6 address in brackets then.
WITH_PORT = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<v4>[\d.]+))(?::\d{1,5})?")


def client_address(request: HttpRequest) -> str:
    """Return the address that a request's client is counted by.

    Behind `NUM_PROXIES` proxies it is what the outermost of them saw and wrote, counted from the
    right: everything further to the left may be the client's own invention. Otherwise it is whoever
    connected; `local` on a unix socket. An IPv6 address stands for its network of 64 bits, all of
    which one household has.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    return _grouped(_forwarded(request)) or _grouped(peer) or LOCAL


def _forwarded(request: HttpRequest) -> str:
    """Return what the outermost proxy wrote; nothing if the request came past it."""
    proxies = settings.NUM_PROXIES or 0
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return hops[-proxies] if 0 < proxies <= len(hops) else ""


@lru_cache(maxsize=4096)
def _grouped(text: str) -> str:
    """Return an address in its one spelling; nothing if it is none."""
    text = text.strip()
    if with_port := WITH_PORT.fullmatch(text):
        text = with_port["v6"] or with_port["v4"] or ""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    return str(_network(address) if isinstance(address, IPv6Address) else address)


def _network(address: IPv6Address) -> IPv6Network | IPv4Address:
    return address.ipv4_mapped or IPv6Network((address, 64), strict=False)
