"""Text in and out of the engine: tokenizers, chat templates, detokenizer, stop strings; no torch."""
