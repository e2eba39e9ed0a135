"""From the tensors of a file to the tensors of the network."""
