"""Twisted's resolver of names, without the addresses that the guard refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from twisted.internet.interfaces import IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer

from ingest.crawl.guard import Guard

# (host, port) of which all addresses were refused, for who has to say why nothing was found.
REFUSED: set[tuple[str, int]] = set()


@implementer(IResolutionReceiver)
class _Permitted:
    def __init__(self, receiver: Any, guard: Guard, host: str, port: int) -> None:
        self._receiver, self._guard, self._host, self._port = receiver, guard, host, port
        self._refused, self._permitted = 0, 0

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802  (Twisted's name)
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if self._guard.permits(self._host, self._port, address.host):
            self._permitted += 1
            self._receiver.addressResolved(address)
        else:
            self._refused += 1

    def resolutionComplete(self) -> None:  # noqa: N802
        if self._refused and not self._permitted:
            REFUSED.add((self._host, self._port))
        self._receiver.resolutionComplete()


@implementer(IHostnameResolver)
class GuardedResolver:
    """Asked also for hosts that are addresses already.  Nothing is cached: the system does that, and keeps times."""

    def __init__(self, reactor: Any, guard: Guard) -> None:
        self._reactor, self._guard, self._original = reactor, guard, reactor.nameResolver

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Self:
        return cls(reactor, Guard(crawler.settings.getlist("INGEST_PRIVATE_HOSTS")))

    def install_on_reactor(self) -> None:
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802  (Twisted's names)
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        permitted = _Permitted(resolutionReceiver, self._guard, hostName, portNumber)
        return self._original.resolveHostName(
            permitted, hostName, portNumber, addressTypes, transportSemantics
        )
