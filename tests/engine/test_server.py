"""The server that papermill's notebooks are forked from: what is asked of it, and what it lacks."""

import errno
import os
import signal
import subprocess
from pathlib import Path
from typing import Any, NoReturn

import pytest

from merchantkit.briefing.engine import forkserver
from merchantkit.briefing.engine.links import LinkToChild
from merchantkit.briefing.engine.wire import Message, new_session
from tests.engine.test_equal import OURS, assert_equal, cells, run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("own_server")]

LEFT = "papermill's own engine: no process could be forked for it"
# Before the server's own first line; what it warms up with starts no process.
FULL = f"""
import os
def full():
    raise BlockingIOError({errno.EAGAIN}, "no room for one more")
os.fork = full
"""


def asking(code: str) -> Message:
    """A request to run a cell."""
    content = {
        "code": code, "silent": False, "store_history": True, "user_expressions": {},
        "allow_stdin": False, "stop_on_error": False,
    }  # fmt: skip
    return new_session().msg("execute_request", content)


def told(link: LinkToChild, code: str) -> str:
    """What a cell prints over a link."""
    heard: list[Message] = []
    link.ask(asking(code), heard.append, None)
    return "".join(m["content"]["text"] for m in heard if m["msg_type"] == "stream")


def test_ctrl_c_while_a_kernel_is_asked_for_is_the_end_of_that_one_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forkserver.fresh_kernel().close()
    sends = forkserver.socket.send_fds

    def sends_and_is_interrupted(*given: Any) -> None:
        sends(*given)
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(forkserver.socket, "send_fds", sends_and_is_interrupted)
            forkserver.fresh_kernel()
    finally:
        signal.signal(signal.SIGINT, before)
    for _ in range(2):
        link = forkserver.fresh_kernel()
        assert told(link, "import os\nprint(os.getpid())") == f"{link._pid}\n"
        link.close()


def test_an_environment_may_be_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in "ABCD":
        monkeypatch.setenv(name, name * 100_000)
    looks = cells("import os\n''.join(os.environ[name] for name in 'ABCD')[::50_000]")
    assert assert_equal(looks, tmp_path) == ""
    assert LEFT not in caplog.text


def test_what_cannot_be_forked_is_left_to_papermill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(forkserver, "_START", FULL + forkserver._START)
    for _ in range(2):
        made, ended = run(cells("6 * 7"), OURS, tmp_path)
        assert (made.cells[0].outputs[0].data["text/plain"], ended) == ("42", "")
    assert caplog.text.count(f"{LEFT} ([Errno {errno.EAGAIN}] no room for one more)") == 2
    # It goes on being asked: there may be room another time.
    assert forkserver._server is not None
    assert forkserver._server.usable


def _refused(*_: Any, **__: Any) -> NoReturn:
    raise BlockingIOError(errno.EAGAIN, "no room for one more")


def test_a_server_that_cannot_be_started_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patched:
        # The stock engine has a name of its own for it.
        patched.setattr(subprocess, "Popen", _refused)
        made, ended = run(cells("6 * 7"), OURS, tmp_path)
    assert (made.cells[0].outputs[0].data["text/plain"], ended) == ("42", "")
    assert f"{LEFT} ([Errno {errno.EAGAIN}] no room for one more)" in caplog.text


def test_a_server_that_ends_as_it_starts_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(forkserver, "_START", "raise SystemExit(3)")
    made, ended = run(cells("6 * 7"), OURS, tmp_path)
    assert (made.cells[0].outputs[0].data["text/plain"], ended) == ("42", "")
    assert LEFT in caplog.text
