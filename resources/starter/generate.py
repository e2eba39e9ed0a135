"""Generates replies with the training network: slow, simple, and independent of the engine."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import linear, scaled_dot_product_attention, silu

from resources.starter.corpus.conversation import END, END_OF_TEXT, Conversation, to_chatml
from resources.starter.model import Block, Network, rotate


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model wrote; `is_ended` when it wrote the end of its turn itself."""

    text: str
    is_ended: bool


class Generator:
    """Replies for many conversations at once.

    Args:
        network: In evaluation mode.
        tokenizer: The vocabulary of the network.
        temperature: 0 is greedy; otherwise tokens are drawn with min_p 0.05, as the app does.
        seed: Fixes the draws.
    """

    def __init__(
        self, network: Network, tokenizer: Tokenizer, temperature: float = 0.0, seed: int = 1
    ) -> None:
        self.network = network
        self.tokenizer = tokenizer
        self.temperature = temperature
        self.random = torch.Generator().manual_seed(seed)
        self.ends = {tokenizer.token_to_id(END), tokenizer.token_to_id(END_OF_TEXT)}

    def replies(self, conversations: list[Conversation], max_tokens: int = 220) -> list[Reply]:
        """One reply for each conversation, whose last message is the user's."""
        result: list[Reply] = []
        for start in range(0, len(conversations), 32):
            result += self._batch(conversations[start : start + 32], max_tokens)
        return result

    @torch.inference_mode()
    def _batch(self, conversations: list[Conversation], max_tokens: int) -> list[Reply]:
        prompts = [
            self.tokenizer.encode(to_chatml(c, add_generation_prompt=True)).ids
            for c in conversations
        ]
        cache = _Cache(self.network, prompts)
        ids = cache.prompt_ids
        written: list[list[int]] = [[] for _ in prompts]
        is_open = [True] * len(prompts)
        for _ in range(max_tokens):
            tokens = self._choose(cache.step(ids))
            for row, token in enumerate(tokens.tolist()):
                is_open[row] = is_open[row] and token not in self.ends
                if is_open[row]:
                    written[row].append(token)
            if not any(is_open):
                break
            ids = tokens[:, None]
        texts = [self.tokenizer.decode(row) for row in written]
        return [Reply(text, not still) for text, still in zip(texts, is_open, strict=True)]

    def _choose(self, logits: Tensor) -> Tensor:
        """The next token of every row, from logits [B, vocabulary]."""
        if self.temperature == 0.0:
            return logits.argmax(-1)
        chances = torch.softmax(logits / self.temperature, -1)
        chances[chances < 0.05 * chances.amax(-1, keepdim=True)] = 0.0
        return torch.multinomial(chances, 1, generator=self.random)[:, 0]


class _Cache:
    """Keys and values of left-padded rows."""

    def __init__(self, network: Network, prompts: list[list[int]]) -> None:
        self.network = network
        length = max(map(len, prompts))
        self.padding = torch.tensor([length - len(prompt) for prompt in prompts])
        rows = [[0] * (length - len(prompt)) + prompt for prompt in prompts]
        self.prompt_ids = torch.tensor(rows)
        self.keys: list[Tensor | None] = [None] * len(network.blocks)
        self.values: list[Tensor | None] = [None] * len(network.blocks)
        self.length = 0

    def step(self, ids: Tensor) -> Tensor:
        """Logits [B, vocabulary] behind the new ids [B, T]."""
        T = ids.shape[1]
        columns = torch.arange(self.length, self.length + T)
        seen = torch.arange(self.length + T)
        mask = (seen[None, :] <= columns[:, None])[None] & (
            seen[None, None, :] >= self.padding[:, None, None]
        )
        # A padding row sees itself, so that its softmax stays finite.
        mask = (mask | (seen[None, None, :] == columns[None, :, None]))[:, None]
        positions = (columns[None, :] - self.padding[:, None]).clamp(min=0)
        cos, sin = self.network.cos[positions][:, None], self.network.sin[positions][:, None]
        x = self.network.embedding(ids)
        for index, block in enumerate(self.network.blocks):
            assert isinstance(block, Block)
            x = self._block(index, block, x, (cos, sin, mask))
        self.length += T
        return linear(self.network.norm(x[:, -1]), self.network.embedding.weight)

    def _block(
        self, index: int, block: Block, x: Tensor, extra: tuple[Tensor, Tensor, Tensor]
    ) -> Tensor:
        cos, sin, mask = extra
        B, T, _ = x.shape
        normed = block.attention_norm(x)
        q, k, v = (
            layer(normed).view(B, T, -1, block.shape.head_dim).transpose(1, 2)
            for layer in (block.q, block.k, block.v)
        )
        k = rotate(k, cos, sin)
        before_k, before_v = self.keys[index], self.values[index]
        if before_k is not None and before_v is not None:
            k, v = torch.cat((before_k, k), 2), torch.cat((before_v, v), 2)
        self.keys[index], self.values[index] = k, v
        groups = block.shape.num_heads // block.shape.num_kv_heads
        attended = scaled_dot_product_attention(
            rotate(q, cos, sin),
            k.repeat_interleave(groups, 1),
            v.repeat_interleave(groups, 1),
            attn_mask=mask,
        )
        x = x + block.o(attended.transpose(1, 2).reshape(B, T, -1))
        normed = block.mlp_norm(x)
        gated: Tensor = block.down(silu(block.gate(normed)) * block.up(normed))
        return x + gated
