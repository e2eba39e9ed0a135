"""Both channels: order, end, caps, and what a damaged engine may not do."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Iterator
from multiprocessing import Pipe

import msgspec
import pytest

from realm_desktop.channel import (
    COMMAND_TYPES,
    EVENT_TYPES,
    MAX_FRAME_BYTES,
    Channel,
    Mailbox,
    PipeChannel,
    QueueChannel,
    encode_frame,
)
from realm_desktop.engine_stats import EngineStats, GenerationStats, SequenceState, SequenceStats
from realm_desktop.errors import EngineStopped, RequestError
from realm_desktop.events import (
    EngineDown,
    EngineReady,
    ErrorInfo,
    Event,
    Failed,
    Finished,
    FinishReason,
    Heartbeat,
    LoadProgress,
    ModelLoaded,
    Queued,
    TextDelta,
    TokenLogprob,
)
from realm_desktop.protocol import (
    Abort,
    AdapterId,
    AdapterUse,
    ChatMessage,
    Command,
    Generate,
    GenerateRequest,
    LoadModel,
    Priority,
    RequestId,
    SetPriority,
    Speculation,
    SpeculationMode,
    WorkspaceId,
)
from realm_desktop.sampling_params import SamplingFilter, SamplingParams
from tests.support.fake_client import make_model_info

R = RequestId("r")
REQUEST = GenerateRequest(
    R,
    messages=(ChatMessage("system", "Be brief."), ChatMessage("user", "Grüße 👋")),
    sampling=SamplingParams(
        seed=2**63 - 1,
        stop=("###",),
        max_tokens=5,
        logprobs=2,
        dry_penalty_last_n=64,
        dry_sequence_breakers=("\n", "é"),
        logit_bias=((7, -100.0), (151_000, 2.5)),
        sampler_order=(SamplingFilter.TOP_K, SamplingFilter.TEMPERATURE),
    ),
    json_schema='{"type": "null"}',
    adapters=(AdapterUse(AdapterId("pirate"), 0.5),),
    speculation=Speculation(SpeculationMode.NGRAM),
    priority=Priority.FOREGROUND,
    committed_token_ids=(1, 2, 3),
    clock_s=1.5,
)
EVENTS: list[Event] = [
    EngineReady("0.1.0", "2.13.0", "cpu", 2, 4711),
    ModelLoaded(make_model_info()),
    TextDelta(R, "ä", (5,), 1, (TokenLogprob(5, float("-inf"), ((6, -0.5),)),)),
    Finished(R, FinishReason.STOP, GenerationStats(num_prompt_tokens=3, ttft_s=0.1)),
    Failed(R, ErrorInfo("CorruptFile", "bad", "do", "f", "k", 7)),
    EngineStats(sequences=(SequenceStats(R, WorkspaceId("w"), SequenceState.DECODE, 9, 1, 3.5),)),
]


@pytest.fixture(params=["pipe", "buffered pipe", "queue"])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[Channel, Channel]]:
    """The near end and the far end of each kind of connection."""
    near: Channel
    far: Channel
    if request.param == "queue":
        near, far = QueueChannel.pair()
    else:
        near, far = pipe_pair(is_buffered=request.param != "pipe")
    yield near, far
    near.close()
    far.close()


def pipe_pair(*, is_buffered: bool = False) -> tuple[PipeChannel, PipeChannel]:
    near, far = Pipe()
    return (
        PipeChannel(near, EVENT_TYPES, is_buffered=is_buffered),
        PipeChannel(far, COMMAND_TYPES),
    )


def test_commands_arrive_as_they_were_sent(ends: tuple[Channel, Channel]) -> None:
    near, far = ends
    commands: list[Command] = [LoadModel("/m"), Generate(REQUEST), SetPriority(R, Priority.NORMAL)]

    near.send(commands)

    assert far.receive() == commands


def test_events_arrive_as_they_were_sent(ends: tuple[Channel, Channel]) -> None:
    near, far = ends

    far.send(EVENTS)

    assert near.receive() == EVENTS


def test_frames_keep_their_order(ends: tuple[Channel, Channel]) -> None:
    near, far = ends

    for number in range(50):
        far.send([Heartbeat(float(number))])

    assert [near.receive() for _ in range(50)] == [[Heartbeat(float(n))] for n in range(50)]


def test_poll_tells_whether_a_frame_is_there(ends: tuple[Channel, Channel]) -> None:
    near, far = ends

    assert not near.poll(0)
    far.send([Heartbeat(1.0)])
    assert near.poll(5)
    near.receive()
    assert not near.poll(0)


def test_poll_without_limit_returns_at_the_first_frame(ends: tuple[Channel, Channel]) -> None:
    near, far = ends
    timer = threading.Timer(0.05, far.send, ([Heartbeat(1.0)],))

    timer.start()

    assert near.poll(None)
    timer.join()


def test_close_lets_the_other_end_read_the_rest(ends: tuple[Channel, Channel]) -> None:
    near, far = ends
    far.send([Heartbeat(1.0)])

    far.close()
    far.close()

    assert near.receive() == [Heartbeat(1.0)]
    assert near.poll(5)
    with pytest.raises(EngineStopped, match="ended"):
        near.receive()


def test_send_to_a_closed_end_is_refused(ends: tuple[Channel, Channel]) -> None:
    near, far = ends

    near.close()

    assert far.poll(5)  # a buffered end closes in its own time
    with pytest.raises(EngineStopped):
        far.send([Heartbeat(1.0)])


def test_own_closed_end_refuses_everything(ends: tuple[Channel, Channel]) -> None:
    near, _ = ends

    near.close()

    assert near.poll(0)
    with pytest.raises(EngineStopped):
        near.send([Abort(R)])
    with pytest.raises(EngineStopped):
        near.receive()


def test_many_threads_may_send(ends: tuple[Channel, Channel]) -> None:
    near, far = ends

    def send_all() -> None:
        for _ in range(50):
            far.send([Heartbeat(1.0)])

    threads = [threading.Thread(target=send_all) for _ in range(4)]

    for thread in threads:
        thread.start()
    received = [near.receive() for _ in range(200)]

    assert received == [[Heartbeat(1.0)]] * 200


def test_buffered_end_does_not_wait_for_a_slow_reader() -> None:
    near, far = pipe_pair(is_buffered=True)
    large = Generate(GenerateRequest(R, prompt="x" * 4_000_000))

    near.send([large])
    near.send([Abort(R)])
    near.close()

    assert far.receive() == [large]
    assert far.receive() == [Abort(R)]


@pytest.mark.parametrize(
    "message",
    [
        Heartbeat(float("nan")),
        LoadProgress("/m", "reading", 1.5),
        LoadProgress("/m", "reading", float("nan")),
        Queued(R, -1, "later"),
        TextDelta(R, "a", (-1,)),
        TextDelta(R, "a", (1,), 0, (TokenLogprob(2**40, -1.0),)),
        TextDelta(R, "a", (1,), 0, (TokenLogprob(1, float("nan")),)),
        Finished(R, FinishReason.STOP, GenerationStats(ttft_s=float("inf"))),
        EngineDown("the engine may not say this"),
        Abort(R),
    ],
    ids=repr,
)
def test_event_out_of_range_or_place_ends_the_trust(message: Event) -> None:
    near, far = pipe_pair()

    far.send([message])

    with pytest.raises(EngineStopped, match="make no sense"):
        near.receive()


def test_command_out_of_range_is_refused_by_name() -> None:
    near, far = pipe_pair()
    payload = msgspec.to_builtins(Generate(REQUEST))
    payload["request"]["sampling"]["temperature"] = -1.0

    near.waitable.send_bytes(msgspec.msgpack.encode([("Generate", payload)]))

    with pytest.raises(EngineStopped, match="temperature is -1"):
        far.receive()


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\xc1",
        b"\x80",
        b"\x91\x92\xa1\xff\xc0",
        b"\x91\x92\xa9Heartbeat\xa4text",
        b"\x91\x92\xa9Heartbeat\x80",
        b"\xdd\xff\xff\xff\xff",
        b"\x91\x92\xa1a" + b"\x91" * 100_000,
        b"cos\nsystem\n(S'true'\ntR.",
    ],
)
def test_nonsense_ends_the_trust(frame: bytes) -> None:
    near, far = pipe_pair()

    far.waitable.send_bytes(frame)

    with pytest.raises(EngineStopped, match="make no sense"):
        near.receive()


def test_damaged_frames_raise_nothing_else() -> None:
    dice = random.Random(0)
    sound = encode_frame(EVENTS)
    for _ in range(2000):
        frame = bytearray(sound)
        for _ in range(dice.randint(1, 4)):
            frame[dice.randrange(len(frame))] = dice.randrange(256)
        near, far = pipe_pair()
        far.waitable.send_bytes(bytes(frame[: dice.randint(1, len(frame))]))

        try:
            messages = near.receive()
        except EngineStopped:
            continue

        assert all(isinstance(message, EVENT_TYPES) for message in messages)


def test_frame_above_the_cap_is_not_sent() -> None:
    near, _ = pipe_pair()

    with pytest.raises(RequestError, match=str(MAX_FRAME_BYTES)):
        near.send([Generate(GenerateRequest(R, prompt="x" * (MAX_FRAME_BYTES + 1)))])


def test_frame_above_the_cap_is_not_read() -> None:
    near, far = pipe_pair()

    def write() -> None:
        with contextlib.suppress(OSError):  # the reader hangs up in the middle
            far.waitable.send_bytes(bytes(MAX_FRAME_BYTES + 1))

    writer = threading.Thread(target=write)
    writer.start()

    with pytest.raises(EngineStopped):
        near.receive()
    near.close()
    writer.join()


def test_text_that_is_not_unicode_is_refused_before_sending() -> None:
    near, _ = pipe_pair()

    with pytest.raises(RequestError, match="surrogates"):
        near.send([Generate(GenerateRequest(R, prompt="\ud800"))])


def test_mailbox_gives_items_in_order_and_then_none() -> None:
    box: Mailbox[int] = Mailbox()

    assert box.put(1)
    assert box.put(2)

    assert [box.take(), box.take(), box.take()] == [1, 2, None]


def test_closed_mailbox_still_gives_what_it_holds() -> None:
    box: Mailbox[int] = Mailbox()
    box.put(1)

    box.close()

    assert not box.put(2)
    assert [box.take(), box.take()] == [1, None]
    assert box.poll(0)
