"""How answers leave: what streams is never held back, what is packed is whole, and a fault is answered once."""

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse

from kizuna.web.transport import HEADERS, Transport


def run(answer, *, accept: str = "gzip", method: str = "GET", fault=None) -> list[dict]:
    """Return the messages that leave for one request."""
    sent: list[dict] = []

    async def app(scope, receive, send):
        if isinstance(answer, Exception):
            raise answer
        await answer(scope, receive, send)

    async def story() -> None:
        async def receive():
            await asyncio.sleep(60)

        async def send(message):
            sent.append({**message, "at": len(seen)})

        async def say(_request, error):
            return PlainTextResponse(f"fault {error}", 503)

        scope = {"type": "http", "method": method, "path": "/", "headers": [(b"accept-encoding", accept.encode())]}
        await Transport(app, fault or say)(scope, receive, send)

    seen: list[int] = []
    run.seen = seen
    with ThreadPoolExecutor(1) as thread:  # a browser's loop may be running in this one
        thread.submit(asyncio.run, story()).result()
    return sent


def headers_of(sent) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def body_of(sent) -> bytes:
    return b"".join(message["body"] for message in sent[1:])


def streamed(kind: str, pieces: int = 3) -> StreamingResponse:
    async def parts():
        for number in range(pieces):
            run.seen.append(number)
            yield f"data: {number} {'x' * 2000}\n\n"
            await asyncio.sleep(0)

    return StreamingResponse(parts(), media_type=kind)


def test_server_sent_events_leave_one_by_one_as_they_are_made():
    sent = run(streamed("text/event-stream"))
    assert "content-encoding" not in headers_of(sent)
    assert [message["at"] for message in sent[1:4]] == [1, 2, 3], "each left before the next was made"
    assert sent[1]["body"].startswith(b"data: 0")


def test_a_long_text_is_packed_as_it_streams():
    sent = run(streamed("text/csv"))
    assert headers_of(sent)["content-encoding"] == "gzip"
    assert [message["at"] for message in sent[1:4]] == [1, 2, 3]
    assert gzip.decompress(body_of(sent)).count(b"data:") == 3


@pytest.mark.parametrize("size", [999, 1_000, 100_000])
def test_a_page_is_whole_and_its_length_is_true(size):
    text = "絆" * (size // 3)
    sent = run(HTMLResponse(text))
    head, body = headers_of(sent), body_of(sent)
    assert int(head["content-length"]) == len(body)
    packed = head.get("content-encoding") == "gzip"
    assert packed == (len(text.encode()) >= 1_000)
    assert (gzip.decompress(body) if packed else body).decode() == text
    assert head["vary"] == "accept-encoding"


def test_the_length_of_a_page_with_a_form_tells_nothing():
    assert len({len(body_of(run(HTMLResponse("x" * 5_000)))) for _ in range(12)}) > 1
    assert len({len(body_of(run(PlainTextResponse("x" * 5_000)))) for _ in range(4)}) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Response(b"x" * 5_000, media_type="image/png"),
        Response(b"x" * 5_000, media_type="text/css", headers={"content-encoding": "br"}),
        Response(b"x" * 5_000, 206, media_type="text/css"),
        Response(status_code=304),
        PlainTextResponse("short"),
    ],
)
def test_what_gains_nothing_is_left_as_it_is(answer):
    sent = run(answer)
    assert headers_of(sent).get("content-encoding") == answer.headers.get("content-encoding")
    assert body_of(sent) == answer.body


def test_every_answer_stays_in_its_frame_and_may_say_so_itself():
    assert headers_of(run(PlainTextResponse("x"))).items() >= HEADERS.items()
    own = PlainTextResponse("x", headers={"x-frame-options": "SAMEORIGIN"})
    assert headers_of(run(own))["x-frame-options"] == "SAMEORIGIN"


def test_a_mistake_is_answered_once_with_the_same_headers():
    sent = run(ZeroDivisionError("oh"))
    assert sent[0]["status"] == 503
    assert body_of(sent) == b"fault oh"
    assert headers_of(sent)["x-content-type-options"] == "nosniff"


def test_a_mistake_in_the_middle_of_an_answer_ends_it():
    async def broken():
        yield "x" * 2_000
        raise ZeroDivisionError

    with pytest.raises(BaseException):  # noqa: B017, PT011 - a group or the fault itself, by the version of the framework
        run(StreamingResponse(broken(), media_type="text/event-stream"))
