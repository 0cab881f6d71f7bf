"""The workloads once more, each in a peer's own idioms: a module a peer, a function a workload.

A function has the name of its workload and returns the training step, which returns its loss.
"""
