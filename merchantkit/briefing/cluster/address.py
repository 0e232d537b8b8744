"""The address of a scheduler: whether it can be one, and whether a scheduler answers there."""

import asyncio
from functools import partial
from typing import Any

from distributed import Security
from distributed.client import _maybe_call_security_loader
from distributed.comm.addressing import parse_address, parse_host_port
from distributed.comm.registry import get_backend
from distributed.core import rpc
from distributed.utils import LoopRunner

from merchantkit.errors import ReportError

CONNECT_SECONDS = 10.0
# What listens there may take a connection and say nothing: Dask itself would wait for ever.
_SILENT_SECONDS = 5.0


def check(address: str) -> None:
    """Ask who is there.

    A client of Dask that cannot begin hangs, and then says so itself, beside the kit's words: so
    it is begun only where this found a scheduler.

    Raises:
        ReportError: That is no address, or no scheduler answers there.
    """
    if wrong := _wrong(address):
        raise ReportError(
            f"no scheduler can be there: {wrong}",
            where=f"scheduler {address!r}",
            remedy="give its address as dask scheduler prints it, such as tcp://10.0.0.1:8786",
        )
    try:
        told = LoopRunner().run_sync(partial(_identity, address))
    except Exception as error:
        raise silent(address, error) from error
    if told.get("type") in {"Worker", "Nanny"}:
        raise ReportError(
            "a worker answers there, and no scheduler",
            where=address,
            remedy="give the address that dask scheduler prints",
        )


def silent(address: str, error: Exception) -> ReportError:
    """Return the error of a scheduler that does not answer."""
    why = "what listens there does not speak as one" if isinstance(error, TimeoutError) else error
    return ReportError(
        f"no scheduler answers: {why}",
        where=address,
        remedy="start one (dask scheduler), or leave --scheduler out",
    )


def _wrong(address: str) -> str:
    """Return what an address lacks; nothing if it is one."""
    scheme, place = parse_address(address)  # without a scheme it is Dask's own default
    try:
        get_backend(scheme)
        reaches = scheme != "inproc"  # which leads no further than this process
    except ValueError:
        reaches = False
    if not reaches:
        return f"Dask reaches none by {scheme}://"
    try:
        host, port = parse_host_port(place)
    except ValueError:
        return "a host and a port are needed"
    if not host:
        return "the host is missing"
    return "" if 0 < port < 65536 else f"{port} is no port"


async def _identity(address: str) -> dict[str, Any]:
    # As a client does it: certificates are found by Dask's own settings.
    security = _maybe_call_security_loader(address) or Security()
    asked = rpc(
        address, timeout=CONNECT_SECONDS, connection_args=security.get_connection_args("client")
    )
    try:
        told: dict[str, Any] = await asyncio.wait_for(
            asked.identity(), CONNECT_SECONDS + _SILENT_SECONDS
        )
        return told
    finally:
        await asked.close_rpc()
