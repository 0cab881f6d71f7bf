"""The code of the course, one file name a topic in every folder.

scratch   NumPy only: each function as its equation, its gradient by hand under it
nn        PyTorch: the same names and arguments, then the Module
kernels   Triton through torch, with an automatic fallback to torch
figures   what the chapters and notebooks show, over arrays
grading   release and check exercises
data      every data set as arrays
"""
