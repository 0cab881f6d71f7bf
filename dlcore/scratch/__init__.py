"""NumPy only: every function as its equation, and its gradient by hand right under it."""
