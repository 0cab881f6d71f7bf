"""The PyTorch twins: same names, arguments and parameter shapes as `dlcore.scratch`."""
