"""The service from its start to its end."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from ingest import running
from ingest.crawl.agent import NO_CONTACT
from ingest.crawl.registry import registered
from ingest.errors import IngestError, UsageError
from ingest.settings import Settings
from ingest.store.opening import opened
from ingest.up import children, recovery
from ingest.up.lock import only_one
from ingest.up.log import Log
from ingest.up.ready import ready_text
from ingest.up.server import Server
from ingest.up.supervisor import GivenUp, Supervisor

_TOLD, _GIVEN_UP, _INTERRUPTED = 0, 1, 130  # exit codes


@dataclass(frozen=True, slots=True)
class Service:
    """What is to run.  `settings.broker` None: with a broker of its own."""

    settings: Settings
    log: Log
    host: str  # of the API, and its port
    port: int
    # Called when all is ready, in a thread of its own, with the settings that lead to the broker.
    then: Callable[[Settings], None] | None = None

    def run(self) -> int:
        """Run until told to stop.  -> exit code.

        Raises UsageError where it runs already or cannot run so, Unavailable where something that it needs is
        missing.
        """
        settings = self.settings
        folder = running.folder_of(settings.data)
        with only_one(folder) as lock, opened(settings) as engine:
            if engine.url.database in (None, "", ":memory:"):
                raise UsageError(
                    "a store in memory is one process's own, and the service is several: name a file"
                )
            if settings.broker:
                _check_broker(settings)
                return asyncio.run(self._serve(settings.broker, None, engine, lock))
            server = Server(folder, last=running.last_broker(settings))
            try:
                return asyncio.run(self._serve(server.url, server, engine, lock))
            finally:
                server.clear_away()

    async def _serve(self, broker: str, server: Server | None, engine: Engine, lock: int) -> int:
        end: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        supervisor = Supervisor(self.log, self._env(broker), lock, end)
        _obey_signals(end, supervisor)
        starting = asyncio.create_task(self._start(supervisor, broker, server, engine))
        starting.add_done_callback(lambda task: _fail(task, end))
        try:
            return await end
        except GivenUp as error:
            self.log.say("up", str(error))
            return _GIVEN_UP
        finally:
            starting.cancel()
            running.withdraw(self.settings)
            self.log.say("up", "stopping: what is finished is stored, the rest waits (Ctrl-C again: at once)")
            for names in children.STOPPED:
                await supervisor.stop(*names)
            self.log.say("up", "stopped")

    async def _start(
        self, supervisor: Supervisor, broker: str, server: Server | None, engine: Engine
    ) -> None:
        more = []
        registered(engine)  # what is wrong with the file is said before anything starts
        if server:
            await supervisor.start(children.queue(server))
            if number := recovery.resume(engine, broker):
                self.log.say("up", f"{number} dumps were in work when the service ended: they come first")
            if recovery.has_waiting(engine):
                more = [children.resend()]
        listed = children.service(broker, own=server is not None, host=self.host, port=self.port)
        await supervisor.start(*listed)
        if server:
            running.announce(self.settings, broker)
        self.log.show(ready_text(self.settings, [child.address for child in listed if child.address]))
        await supervisor.start(*more)
        if self.then:
            threading.Thread(target=self._then, args=(broker,), daemon=True).start()
        await self._crawl(supervisor, engine)

    async def _crawl(self, supervisor: Supervisor, engine: Engine) -> None:
        """A process that fetches is there from the moment that a source is enabled."""
        fault = ""
        while True:
            try:
                if any(one.is_enabled for one in await asyncio.to_thread(registered, engine)):
                    break
            except IngestError as error:  # the file is being written, the store is busy
                if fault != (fault := str(error)):
                    self.log.say("up", fault)
            await asyncio.sleep(self.settings.crawl.look_every)
        if not self.settings.crawl.contact:
            self.log.say("up", NO_CONTACT)
        await supervisor.start(children.crawler())

    def _then(self, broker: str) -> None:
        assert self.then  # noqa: S101
        try:
            self.then(self.settings.model_copy(update={"broker": broker}))
        except IngestError as error:
            self.log.say("up", str(error))

    def _env(self, broker: str) -> dict[str, str]:
        """Flags were for this process; to its children they go as what comes next in rank."""
        return {
            **os.environ,
            "INGEST_BROKER": broker,
            "INGEST_STORE": self.settings.store_url,
            "INGEST_DATA": str(self.settings.data),
            "INGEST_WORKERS": str(self.settings.workers),
            # One log for people, unless told otherwise.
            "INGEST_LOG__FORMAT": "text" if self.settings.log.format == "auto" else self.settings.log.format,
            "PYTHONUNBUFFERED": "1",  # a line is in the log when it is said
        }


def _check_broker(settings: Settings) -> None:
    """Raises UsageError or Unavailable, once, where the children would each say it again and again."""
    from ingest.queue.broker import Broker, make_app  # here: Celery takes a third of a second to load

    with Broker(make_app(settings)) as broker:
        broker.check()


def _obey_signals(end: asyncio.Future[int], supervisor: Supervisor) -> None:
    def told(code: int) -> None:
        if end.done():
            supervisor.kill()
        else:
            end.set_result(code)

    codes = {signal.SIGINT: _INTERRUPTED, signal.SIGTERM: _TOLD, signal.SIGHUP: _TOLD}
    for number, code in codes.items():
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup means it
            asyncio.get_running_loop().add_signal_handler(number, told, code)


def _fail(task: asyncio.Task[None], end: asyncio.Future[int]) -> None:
    if not task.cancelled() and (error := task.exception()) and not end.done():
        end.set_exception(error)
