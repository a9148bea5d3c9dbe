"""The options of the daemon's commands: how one is started, and how one is found."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from cellview.settings import Opt

__all__ = ["DEFAULT_DATA", "ReachOptions", "ServeOptions"]

DEFAULT_DATA: Final = "cellview-data"

PANEL_WORK = "How searches are run (changes the time, never a result)"
PANEL_DISK = "What stays on the disk"
PANEL_DRIVER = "Other drivers"

Data = Annotated[
    str,
    Opt(
        metavar="FOLDER",
        variable="CELLVIEW_DAEMON_DATA",
        help="The daemon's folder: its database, its run folders, and its address while it runs.",
    ),
]
TokenFile = Annotated[
    str | None,
    Opt(
        metavar="FILE",
        default="the variable CELLVIEW_DAEMON_TOKEN",
        help="The file that holds the token, readable by you alone.",
    ),
]
Seconds = Annotated[float, msgspec.Meta(gt=0, description="seconds")]
Amount = Annotated[float, msgspec.Meta(gt=0)]


class ServeOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How a daemon is set up."""

    data: Data = DEFAULT_DATA
    host: Annotated[
        str, Opt(help="The address to listen on. Any that others can reach demands a token.", metavar="ADDRESS")
    ] = "127.0.0.1"
    port: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=65535)], Opt(help="The port; 0 takes a free one.", metavar="NUMBER")
    ] = 8765
    hosts: Annotated[
        tuple[str, ...],
        Opt(metavar="NAMES", help="Names beside the address under which a request may ask for this daemon."),
    ] = ()
    token_file: TokenFile = None
    corpora: Annotated[
        tuple[str, ...],
        Opt(metavar="FOLDERS", help="Folders whose corpora a submission may name; no other file can be named."),
    ] = ()
    workers: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=256)],
        Opt(panel=PANEL_WORK, help="Worker processes; each keeps a Lean of some 150 MB."),
    ] = 2
    retries: Annotated[
        Annotated[int, msgspec.Meta(ge=0)],
        Opt(panel=PANEL_WORK, help="Further tries of a search whose worker failed, before it is set aside."),
    ] = 2
    stall: Annotated[
        Seconds,
        Opt(panel=PANEL_WORK, metavar="SECONDS", help="Without a sign of life for so long, a worker counts as hung."),
    ] = 600.0
    ageing: Annotated[
        Seconds,
        Opt(panel=PANEL_WORK, metavar="SECONDS", help="Waiting for so long counts as one step of priority."),
    ] = 3600.0
    drain: Annotated[
        Seconds,
        Opt(
            panel=PANEL_WORK,
            metavar="SECONDS",
            help="At the end, what running searches get before they are interrupted; they go on at the next start.",
        ),
    ] = 20.0
    memory: Annotated[
        Amount,
        Opt(
            panel=PANEL_WORK,
            metavar="GB",
            help="What a worker may take, its Lean included, before it is ended and its search tried again.",
        ),
    ] = 8.0
    executors: Annotated[
        tuple[Literal["frontier", "process", "ray"], ...],
        Opt(
            panel=PANEL_DRIVER,
            metavar="NAMES",
            help="What a submission may name as its executor: frontier, process, ray. The latter two are set up by the "
            "table [cluster] of the file.",
        ),
    ] = ()
    frontier: Annotated[
        str | None,
        Opt(
            panel=PANEL_DRIVER,
            metavar="URL",
            variable="CELLVIEW_FRONTIER_URL",
            default="the memory of the driver's process",
            help="With frontier: a Redis server. Put a password into the environment variable.",
        ),
    ] = None
    frontier_workers: Annotated[
        Annotated[int, msgspec.Meta(ge=0, le=256)],
        Opt(panel=PANEL_DRIVER, help="With frontier: worker processes on this machine; 0 when all are elsewhere."),
    ] = 2
    quota: Annotated[
        Amount | None,
        Opt(
            panel=PANEL_DISK,
            metavar="GB",
            default="no limit",
            help="What all run folders may take; above it, what ended first is removed. Never what is pinned.",
        ),
    ] = None
    retain: Annotated[
        Amount | None,
        Opt(
            panel=PANEL_DISK,
            metavar="DAYS",
            default="for ever",
            help="How long an experiment stays after its end, unless it is pinned.",
        ),
    ] = None
    reserve: Annotated[
        Annotated[float, msgspec.Meta(ge=0)],
        Opt(panel=PANEL_DISK, metavar="GB", help="With less room than this on the disk, no search is begun."),
    ] = 1.0


class ReachOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """How a daemon is found."""

    server: Annotated[
        str | None,
        Opt(
            metavar="URL",
            variable="CELLVIEW_DAEMON_URL",
            default="the address in the data folder",
            help="Where the daemon is, such as http://127.0.0.1:8765.",
        ),
    ] = None
    data: Data = DEFAULT_DATA
    token_file: TokenFile = None
    json: Annotated[bool, Opt(help="Print JSON.")] = False
