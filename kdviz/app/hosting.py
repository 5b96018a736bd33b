"""What stands between the app's server and strangers: who is let in, how many, and what is read.

Each class closes something that was tried against the server; `docs/hosting.md` tells what.
"""

import asyncio
import gzip
import struct
import sys
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from urllib.parse import parse_qsl

from jupyter_client.session import utcnow
from jupyter_server import CallContext
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError, OutputTransform, RequestHandler
from traitlets import Int
from voila.tornado.handler import TornadoVoilaHandler

PROTOCOL = "v1.kernel.websocket.jupyter.org"
PARTS = 4  # of a message: header, parent's header, metadata, content; then come buffers

# Addresses that no page asks for, and that Voila's handlers fail at instead of finding nothing:
# ways out of a folder, files of no template, a login that there is none of.
ODD = r"(?i).*(?:\.\.|%2e|%00|%2f|%5c).*|.*/voila/templates/(?![\w-]+/static/.).*|.*/log(?:in|out)"

# A page that was drawn connects within seconds. Nobody comes for one that was dropped.
CAME_SECONDS = 60

# A page that nobody has touched for so long gives its place back, says so, and keeps what was set.
FORGOTTEN_SECONDS = 3600


# What a page may load and whom it may ask: this server alone. Voila's pages have scripts in their
# text and widgets come as blobs, so text that is compiled (widgets' libraries do that, and what
# drives browsers in tests) opens nothing more.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)


def guard(embed_in: Sequence[str] = ()) -> type[OutputTransform]:
    """What gives each answer of a server the headers by which browsers protect its pages.

    Args:
        embed_in: Origins of the sites that may show the page in a frame, besides this one.
    """
    policy = " ".join([POLICY, *embed_in])

    class Guard(OutputTransform):
        def transform_first_chunk(self, status_code, headers, chunk, finishing):
            headers["Content-Security-Policy"] = policy
            headers["X-Content-Type-Options"] = "nosniff"
            return status_code, headers, chunk

    return Guard


class Connection(ZMQChannelsWebsocketConnection):
    """A page's socket to its kernel, in protocol v1 alone.

    Jupyter's own asks the socket for its protocol each time, and a socket that is closing has
    none: what arrives then would go to the parser of the old one, which may never end.
    """

    subprotocol = kernel_ws_protocol = PROTOCOL

    async def prepare(self):
        """Refuse a socket that speaks something else, before it is opened.

        Raises:
            HTTPError: If protocol v1 is not among those that it offers.
        """
        offered = self.websocket_handler.request.headers.get("Sec-WebSocket-Protocol", "")
        if PROTOCOL not in map(str.strip, offered.split(",")):
            raise HTTPError(400, f"the socket must offer {PROTOCOL}, got {offered!r}")
        await super().prepare()

    def connect(self):
        """Remember that a page came for this kernel."""
        self.kernel_manager.page_came = True
        return super().connect()

    def handle_incoming_message(self, incoming_msg):
        """Pass a message on if it is one; close the socket if not."""
        try:
            if not is_message(incoming_msg):
                raise ValueError("no message")
            super().handle_incoming_message(incoming_msg)
        except (ValueError, TypeError, KeyError):  # its parts are no JSON of a message's shape
            self.websocket_handler.close(1003, f"not a message of {PROTOCOL}")


def is_message(data: str | bytes) -> bool:
    r"""Whether the first thing in `data`, a table of its parts, is true; nothing else is read.

    It counts its entries, then says where each begins, and where the last ends.

    Example:
        >>> is_message(b"\xff" * 8)
        False
    """
    if not isinstance(data, bytes) or len(data) < 8:
        return False
    count = int.from_bytes(data[:8], "little")
    if not PARTS + 2 <= count <= len(data) // 8 - 1:
        return False
    starts = struct.unpack_from(f"<{count}Q", data, 8)
    return sorted(starts) == list(starts) and starts[-1] <= len(data)


class Kernels(AsyncMappingKernelManager):
    """As many kernels as the machine bears, each with its share of memory."""

    sessions = Int(0, help="kernels at a time; 0: any number").tag(config=True)
    memory_mb = Int(0, help="of data a kernel, on Linux; 0: any amount").tag(config=True)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.starting = set()

    async def start_kernel(self, *, kernel_id=None, **kwargs):
        """Start a kernel for the page that is being drawn.

        Raises:
            HTTPError: 503, if there is no room for one more.
        """
        # One that starts is listed before it has started: by its name it is counted once.
        if self.sessions and len({*self.list_kernel_ids(), *self.starting}) >= self.sessions:
            raise HTTPError(503)
        kernel_id = kernel_id or self.new_kernel_id()
        self.starting.add(kernel_id)
        try:
            await super().start_kernel(kernel_id=kernel_id, **kwargs)
        finally:
            self.starting.discard(kernel_id)
        if self.memory_mb:
            limit_memory(self.get_kernel(kernel_id).provisioner.pid, self.memory_mb)
        CallContext.get(CallContext.JUPYTER_HANDLER).kernel_id = kernel_id
        return kernel_id

    async def cull_kernel_if_idle(self, kernel_id):
        """End also a kernel whose page never came, or is open but forgotten."""
        kernel = self.get_kernel(kernel_id)
        waited = utcnow() - kernel.last_activity
        longest = FORGOTTEN_SECONDS if hasattr(kernel, "page_came") else CAME_SECONDS
        if waited > timedelta(seconds=longest):
            await self.shutdown_kernel(kernel_id)
        else:
            await super().cull_kernel_if_idle(kernel_id)


def limit_memory(pid: int, megabytes: int) -> None:
    """Give a process no more data than this; what asks for more gets a MemoryError.

    Raises:
        OSError: Where the system knows no such limit, as anywhere but on Linux.
    """
    if sys.platform != "linux":
        raise OSError("memory can be limited on Linux alone; leave --memory out")
    import resource

    size = megabytes * 1_000_000
    resource.prlimit(pid, resource.RLIMIT_DATA, (size, size))


class Page(TornadoVoilaHandler):
    """The app's page, which takes its kernel along if it is dropped while it is drawn."""

    kernel_id = None
    dropped = False

    async def get(self):
        """Draw the page."""
        await super().get()
        if self.dropped and self.kernel_id in self.kernel_manager:
            await self.kernel_manager.shutdown_kernel(self.kernel_id)

    def on_connection_close(self):
        """Called by the server when the browser hangs up."""
        self.dropped = True


class Stranger(RequestHandler):
    """Answers a request for a name that is not this server's, as a rebound one."""

    def prepare(self):
        """Refuse it."""
        self.set_status(403)
        self.set_header("Content-Type", "text/plain")
        self.finish(
            "This server is asked under a name that is not its own. Whoever runs it can name it: "
            "python -m kdviz app --host-name NAME\n"
        )


class Offline(RequestHandler):
    """The lab as one page, which needs no kernel."""

    def initialize(self, make):
        """Take what makes the page, when it is first asked for."""
        self.make = make

    async def get(self):
        """Give the page, packed where the browser can unpack it."""
        page, small = await asyncio.to_thread(self.make)
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.set_header("Cache-Control", "no-cache")  # ask again; the answer may be "as before"
        self.set_header("Vary", "Accept-Encoding")
        if "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            page = small
        self.finish(page)


class Front(Offline):
    """The lab as everybody gets it at first: it trains by itself, and can ask for Python."""

    def initialize(self, make, url):
        """Take what makes the page, and where it lies."""
        super().initialize(make)
        self.url = url

    async def get(self):
        """Give the page. What a link says in its query is said behind the # instead."""
        asked = parse_qsl(self.request.query, keep_blank_values=True)
        if ("where", "kernel") in asked:
            self.redirect(f"{self.url}python?{self.request.query}")
        elif asked:
            self.redirect(f"{self.url}#{self.request.query}")
        else:
            await super().get()


def packed(make):
    """What makes a page once, as bytes and as fewer of them, for all who ask."""

    @cache
    def both():
        page = make().encode()
        return page, gzip.compress(page)

    return both
