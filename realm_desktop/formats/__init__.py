"""Reading of model files: GGUF, safetensors and their JSON companions, without torch."""
