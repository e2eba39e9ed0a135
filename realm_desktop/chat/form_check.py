"""Whether the engine can enforce a form of the reply: a JSON Schema, a pattern, a grammar.

The engine alone knows, because it depends on the model's tokens; so it is asked with a request of
one token, which is ended as soon as its form was accepted. Nothing here parses a schema.
"""

from __future__ import annotations

import contextlib
import uuid
from typing import Final

from realm_desktop.client import EngineClient
from realm_desktop.events import ErrorInfo, Failed
from realm_desktop.protocol import GenerateRequest, Priority, RequestId, Speculation
from realm_desktop.sampling_params import SamplingParams
from realm_desktop.schema.requests import output_format
from realm_desktop.schema.resolution import Resolved

_PROMPT: Final = "."


def form_request(settings: Resolved) -> GenerateRequest | None:
    """The request that tries the form of the reply; None for free text."""
    form = output_format(settings)
    if not form:
        return None
    return GenerateRequest(
        request_id=RequestId(f"check-{uuid.uuid4().hex}"),
        prompt=_PROMPT,
        sampling=SamplingParams(temperature=0.0, max_tokens=1),
        speculation=Speculation(),
        json_schema=form.get("json_schema"),
        regex=form.get("regex"),
        grammar=form.get("grammar"),
        priority=Priority.BACKGROUND,
    )


async def refusal_of_form(client: EngineClient, request: GenerateRequest) -> ErrorInfo | None:
    """Why the engine refuses a form; None if it takes it. Cancelling ends the request."""
    async with contextlib.aclosing(client.generate(request)) as events:
        async for event in events:
            # Whatever else comes, the form was read before it.
            return event.error if isinstance(event, Failed) else None
    return None
