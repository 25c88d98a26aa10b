"""Exchange rates over HTTP, from a cache that keeps itself warm; all in this process, with its data in `.everwarm`.

    uvicorn app:app

`GET /rates/EUR/KRW` answers from the cache, `GET /direct/EUR/KRW` asks the slow source each time. The source is that of
examples/rates, at `SOURCE_URL`; `REFRESH` says how long its answers are fresh, `DATA` where they are kept.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import urlopen

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from everwarm import Cache, NotFound

SOURCE_URL = os.environ.get("SOURCE_URL", "http://127.0.0.1:8090")
SOURCE_TIMEOUT_S = 10.0

rates = Cache(
    "rates",
    refresh=os.environ.get("REFRESH", "10m"),
    keep="1d",  # usable for so long if the source is down
    negative="10m",  # what the source does not have it is not asked for again for so long
    directory=os.environ.get("DATA", ".everwarm"),
)


@rates.cached
async def history(pair: str) -> list[dict[str, Any]]:
    """A pair's rates on the last 30 days; the first call asks the source, and from then on it is asked in time."""
    return await asyncio.to_thread(ask, pair)


def ask(pair: str) -> list[dict[str, Any]]:
    """Ask the source, which takes it its time.

    Raises:
        NotFound: it has no such pair.
        OSError: it does not answer.
    """
    try:
        with urlopen(f"{SOURCE_URL}/rates/{quote(pair)}", timeout=SOURCE_TIMEOUT_S) as answer:  # noqa: S310
            found: list[dict[str, Any]] = json.load(answer)["rates"]
    except HTTPError as error:
        with error:
            if error.code == 404:
                raise NotFound(pair) from error
            raise
    return found


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Entries are refreshed from the start of the app to its end."""
    await asyncio.to_thread(rates.start)
    yield
    await asyncio.to_thread(rates.close)


app = FastAPI(title="Exchange rates that stay warm", lifespan=lifespan)


@app.get("/rates/{base}/{quote_currency}")
async def cached(base: str, quote_currency: str, response: Response) -> list[dict[str, Any]]:
    """From the cache. Who is behind us learns how old it is, and for how long it may be kept."""
    entry = await history.entry(f"{base}/{quote_currency}")
    response.headers["Age"] = str(int(entry.age_s))
    response.headers["Cache-Control"] = f"max-age={round(entry.fresh_until - entry.loaded_at)}"
    response.headers["X-Cache"] = entry.state
    return entry.value


@app.get("/direct/{base}/{quote_currency}")
async def direct(base: str, quote_currency: str) -> list[dict[str, Any]]:
    """From the source, each time: what it would be like without a cache."""
    return await asyncio.to_thread(ask, f"{base}/{quote_currency}")


@app.exception_handler(NotFound)
async def not_found(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": "there are no rates of {base}/{quote_currency}".format(**request.path_params)}, 404)


@app.exception_handler(URLError)
async def no_source(request: Request, error: Exception) -> JSONResponse:
    """Only for what was never loaded, or longer ago than `keep`."""
    return JSONResponse({"error": f"the source does not answer: {error}"}, 502)
