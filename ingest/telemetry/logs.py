"""Logs: one event a line on stderr, alike from our code and from every library.

Our modules log through `logger(__name__)`: an event in a few fixed words, and what it is about as fields
(`log.warning("dump dead", dump_id=…, reason=…)`).  Without `configure`, as in a notebook, the standard library's
rules hold.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from types import TracebackType
from typing import Any, TextIO, cast

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.tracebacks import ExceptionDictTransformer
from structlog.types import EventDict, Processor

from ingest.settings import Log

# URLs of stores and brokers stand in the messages of many libraries.
_PASSWORDS = (
    (re.compile(r"(://[^\s/:@]*):[^\s/]+@"), r"\1:***@"),
    (re.compile(r"([?&]\w*password=)[^&\s\"'\\]+"), r"\1***"),
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_FRAMES = 30  # of a traceback: the outermost and the innermost

# Two lines a task, where ours is one; and a line for each time that something changed in a watched folder.
_REPEATED = ("celery.worker.strategy", "celery.app.trace", "watchfiles.main")


def _is_not_of_sending(record: logging.LogRecord) -> bool:
    """Beat says each message that it sends, one every other second."""
    return not str(record.msg).startswith("Scheduler: Sending")


class _Logger(BoundLogger):
    """Of each dump a few things are told at debug: where nobody listens, that costs next to nothing."""

    def debug(self, event: str | None = None, *args: Any, **fields: Any) -> Any:
        if self._logger.isEnabledFor(logging.DEBUG):
            return super().debug(event, *args, **fields)
        return None


def logger(name: str) -> BoundLogger:
    """A logger whose methods take an event and fields."""
    wrapped = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[structlog.stdlib.filter_by_level, _as_record],
        wrapper_class=_Logger,
        cache_logger_on_first_use=True,
    )
    return cast(BoundLogger, wrapped)


def configure(log: Log, *, service: bool = False, worker: str | None = None) -> None:
    """Have this process, and those that it forks, log as the settings say.  May be called again.

    `service`: it works until stopped, and its log is all that it says; else it is a command with an output for
    people, logs what is grave alone, and as JSON only when told.  `worker`: its name, which stands in each line.
    """
    level = logging.getLevelNamesMapping()[log.level.upper()]
    if not service and level == logging.INFO:
        level = logging.WARNING
    logging.basicConfig(handlers=[handler(log, service=service, worker=worker)], force=True)
    for ours in ("ingest", "workers"):
        logging.getLogger(ours).setLevel(level)
    logging.getLogger().setLevel(max(level, logging.INFO))  # how libraries work is not told, also at debug
    for name in _REPEATED:
        logging.getLogger(name).setLevel(logging.NOTSET if level == logging.DEBUG else logging.WARNING)
    beat = logging.getLogger("celery.beat")
    if level == logging.DEBUG:
        beat.removeFilter(_is_not_of_sending)
    else:
        beat.addFilter(_is_not_of_sending)
    if service:
        logging.captureWarnings(True)
        sys.excepthook = _on_crash
        threading.excepthook = _on_crash_of_thread


def handler(
    log: Log, *, service: bool, worker: str | None = None, stream: TextIO | None = None
) -> logging.Handler:
    """What writes the lines; `stream` is stderr where none is given."""
    stream = stream or sys.__stderr__ or sys.stderr
    as_json = log.format == "json" or (log.format == "auto" and service and not stream.isatty())
    made = logging.StreamHandler(stream)
    made.setFormatter(ProcessorFormatter(processors=_processors(as_json, worker, stream.isatty())))
    return made


def _processors(as_json: bool, worker: str | None, colors: bool) -> list[Processor]:
    def named(_logger: Any, _method: str, event: EventDict) -> EventDict:
        if worker:
            event["worker"] = worker
        event["pid"] = event["_record"].process
        return event

    facts: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        named,
        structlog.contextvars.merge_contextvars,
        _fields,
        ProcessorFormatter.remove_processors_meta,
    ]
    if as_json:
        frames = ExceptionDictTransformer(show_locals=False, max_frames=_FRAMES)
        return [
            *facts,
            structlog.processors.ExceptionRenderer(frames),
            # ASCII: escapes that a narrow stream would add are not JSON's.
            structlog.processors.JSONRenderer(json.dumps, ensure_ascii=True),
            cast(Processor, _without_passwords),
        ]
    plain = structlog.dev.plain_traceback
    renderer = structlog.dev.ConsoleRenderer(colors=colors, timestamp_key="time", exception_formatter=plain)
    return [*facts, _printable, renderer, cast(Processor, _without_passwords)]


def _as_record(_logger: Any, _method: str, event: EventDict) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """One of our events as an ordinary record, whose fields are under one name that no library uses."""
    told = {name: event.pop(name) for name in ("exc_info", "stack_info") if name in event}
    args = event.pop("event"), *event.pop("positional_args", ())
    return args, {**told, "extra": {"fields": event}}


def _fields(_logger: Any, _method: str, event: EventDict) -> EventDict:
    event.update(getattr(event["_record"], "fields", {}))
    return event


def _printable(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Names and messages of dumps never reach a terminal as commands."""
    return {
        name: _CONTROL.sub("\ufffd", value) if isinstance(value, str) else value
        for name, value in event.items()
    }


def _without_passwords(_logger: Any, _method: str, line: str) -> str:
    for pattern, hidden in _PASSWORDS:
        line = pattern.sub(hidden, line)
    return line


def _on_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("ingest").critical("the process ends", exc_info=(kind, error, trace))


def _on_crash_of_thread(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is not None:
        told = crash.exc_type, crash.exc_value, crash.exc_traceback
        logging.getLogger("ingest").critical("a thread ended", exc_info=told)
