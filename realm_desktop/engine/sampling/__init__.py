"""From logits to tokens: filters, seeded noise, and the match with drafts."""
