"""Making pages: templates, the headers of every page, and errors as pages."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined

from ingest.api.problems import Problem
from ingest.api.review.session import HOME, NotSignedIn, Session
from ingest.errors import Unavailable, UsageError
from ingest.review.page import printable

_FORM_BYTES = 100_000
_HEADERS = {
    # No script, and nothing from elsewhere: text of dumps can do nothing, even were it not escaped.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Cookie",
}
_STATIC = files("ingest.api.review") / "static"
STYLE = (_STATIC / "review.css").read_bytes()
ICON = (_STATIC / "icon.svg").read_bytes()


def age(minutes: float) -> str:
    """A time as people say it: 40 s, 12 min, 5 h, 3 days."""
    for unit, size, most in (("s", 1 / 60, 1.0), ("min", 1.0, 100.0), ("h", 60.0, 48 * 60.0)):
        if minutes < most:
            return f"{max(0, minutes) / size:.0f} {unit}"
    return f"{minutes / (24 * 60):.0f} days"


_environment = Environment(
    loader=PackageLoader("ingest.api.review"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters |= {
    "shown": printable,
    "query": lambda fields: urlencode({k: v for k, v in fields.items() if v not in (None, "")}),
    # Of a chart: label, value and class.
    "rows": lambda pairs, kind="": [(label, value, kind and f"{kind}{label}") for label, value in pairs],
    "zipped": lambda labels, values: [(label, [value]) for label, value in zip(labels, values, strict=True)],
    "age": age,
    "moment": lambda at: f"{at[:10]} {at[11:16]} UTC",  # of a time as the store writes it
    "number": lambda value: f"{value:,}".replace(",", "\u202f"),
}


def page(name: str, session: Session | None, status: int = 200, **content: Any) -> HTMLResponse:
    """A page of this name; each of its forms carries the person's seal."""
    text = _environment.get_template(f"{name}.html").render(home=HOME, session=session, page=name, **content)
    return HTMLResponse(text.encode("utf-8", "replace"), status, _HEADERS)


def see(path: str) -> RedirectResponse:
    """After a form: what came of it."""
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


class TooMuch(Exception):
    """A form is too large.  The message is for people."""


class NotHere(Exception):
    """There is no such page, dump or document.  The message is for people."""


class PageRoute(APIRoute):
    """Whatever goes wrong is told as a page; who is not signed in is sent to where he can."""

    form_bytes: int | None = _FORM_BYTES  # of a request; None: the route sees to it

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                _refuse(request, self.form_bytes)
                return await handle(request)
            except NotSignedIn:
                back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
                return see(f"{HOME}/sign-in" + (f"?next={quote(back)}" if request.method == "GET" else ""))
            except TooMuch as error:
                return _error(request, 413, "Too much", str(error))
            except NotHere as error:
                return _error(request, 404, "Not here", str(error))
            except UsageError as error:
                return _error(request, 400, "That cannot be done", str(error))
            except RequestValidationError as error:
                wrong = ", ".join(sorted({str(fault["loc"][-1]) for fault in error.errors()}))
                message = f"the address or form says what cannot be, or leaves out what is needed: {wrong}"
                return _error(request, 422, "That cannot be asked", message)
            except Problem as error:
                return _error(request, error.kind.status, error.kind.title, error.detail)
            except Unavailable:
                message = "something that this needs is away, and nothing was half done: try again in a while"
                return _error(request, 503, "Not now", message)

        return told


def _refuse(request: Request, most: int | None) -> None:
    """Raises TooMuch for a form that is too large, UsageError for one that another site sends."""
    length = request.headers.get("content-length", "0")
    if "transfer-encoding" in request.headers or not length.isdecimal():
        raise TooMuch("the form does not say how large it is")
    if most is not None and int(length) > most:
        raise TooMuch("the form is too large")
    if request.method == "POST" and request.headers.get("sec-fetch-site") == "cross-site":
        raise UsageError("this form is of another site")


def _error(request: Request, status: int, title: str, message: str) -> Response:
    return page("error", getattr(request.state, "session", None), status, title=title, message=message)
