"""Where requests go: the one policy on redirects and proxies that every connection of this program follows.

No redirect is followed. Loopback never goes through a proxy; any other address takes the proxy of the environment.
"""

from chatspace.http_policy.fetching import Answer, connect, get
from chatspace.http_policy.redirects import RedirectRefused
from chatspace.http_policy.routes import Route, is_loopback, route_to

__all__ = ["Answer", "RedirectRefused", "Route", "connect", "get", "is_loopback", "route_to"]
