"""Seeded match: which draft tokens stand, and the token that follows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from realm_desktop.engine.sampling.sampler import SampledToken


def match_drafts(
    draft_tokens: Sequence[int], choose: Callable[[int], SampledToken]
) -> list[SampledToken]:
    """The tokens a step commits for one sequence.

    A draft token is accepted if and only if it is the token that the target chooses at its place,
    so drafts can change the speed of a reply but not its text. Rows behind the first difference
    are not looked at.

    Args:
        draft_tokens: The k proposed tokens.
        choose: The target's choice behind `index` accepted drafts, 0 <= index <= k.

    Returns:
        The accepted drafts, then the target's own token: 1 to k + 1 tokens.
    """
    chosen: list[SampledToken] = []
    for index in range(len(draft_tokens) + 1):
        chosen.append(choose(index))
        if index < len(draft_tokens) and chosen[-1].token_id != draft_tokens[index]:
            break
    return chosen
