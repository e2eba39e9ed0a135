"""Products with quantized weights in compiled code, and the library they come from."""
