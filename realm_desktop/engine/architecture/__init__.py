"""What a network looks like: hyper-parameters and one entry per architecture."""
