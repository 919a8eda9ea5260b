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

from ingest.api.review.session import HOME, NotSignedIn, Session
from ingest.errors import Unavailable, UsageError
from ingest.review.page import printable

_FORM_BYTES = 100_000
_HEADERS = {
    # No script, and nothing from elsewhere: text of dumps can do nothing, even were it not escaped.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Cookie",
}
STYLE = (files("ingest.api.review") / "static" / "review.css").read_bytes()

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
    "number": lambda value: f"{value:,}".replace(",", "\u202f"),
}


def page(name: str, session: Session | None, status: int = 200, **content: Any) -> HTMLResponse:
    """A page of this name; each of its forms carries the person's seal."""
    text = _environment.get_template(f"{name}.html").render(home=HOME, session=session, page=name, **content)
    return HTMLResponse(text.encode("utf-8", "replace"), status, _HEADERS)


def see(path: str) -> RedirectResponse:
    """After a form: what came of it."""
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


class PageRoute(APIRoute):
    """Whatever goes wrong is told as a page; who is not signed in is sent to where he can."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            length = request.headers.get("content-length", "0")
            if "transfer-encoding" in request.headers or int(length or 0) > _FORM_BYTES:
                return page("error", None, 413, title="Too much", message="the form is too large")
            try:
                return await handle(request)
            except NotSignedIn:
                back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
                return see(f"{HOME}/sign-in" + (f"?next={quote(back)}" if request.method == "GET" else ""))
            except UsageError as error:
                return page("error", None, 400, title="That cannot be done", message=str(error))
            except RequestValidationError:
                return page(
                    "error", None, 422, title="That cannot be asked", message="the address or form is wrong"
                )
            except Unavailable:
                message = "something that this needs is away: nothing was half done, try again in a while"
                return page("error", None, 503, title="Not now", message=message)

        return told
