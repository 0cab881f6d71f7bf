"""The cells of LSTM and GRU."""

from dlcore.kernels import recurrent as kernel
from kernels import Case, size_of, tensor


def scores(gates, states):
    return lambda rng, dtype, n, h: [
        *(tensor(rng, (n, gates * h), dtype) for _ in range(states)),
        tensor(rng, (n, h), dtype),
    ]


SIZES = ((1, 1), (3, 33), (10, 70), (64, 64))

CASES = [
    Case(
        "lstm_cell",
        scores(4, 1),
        lambda a, c, backend: kernel.lstm_cell(a, c, backend=backend),
        lambda a, c: kernel.lstm_cell(a, c, backend="torch"),
        SIZES,
        forward_bytes=lambda a, c: size_of(a) + 3 * size_of(c),
        backward_bytes=lambda a, c: 2 * size_of(a) + 4 * size_of(c),
        operator=lambda a, c: (kernel.lstm_op, (a, c)),
    ),
    Case(
        "gru_cell",
        scores(3, 2),
        lambda a, s, h, backend: kernel.gru_cell(a, s, h, backend=backend),
        lambda a, s, h: kernel.gru_cell(a, s, h, backend="torch"),
        SIZES,
        forward_bytes=lambda a, s, h: size_of(a, s) + 2 * size_of(h),
        backward_bytes=lambda a, s, h: 2 * size_of(a, s) + 3 * size_of(h),
        operator=lambda a, s, h: (kernel.gru_op, (a, s, h)),
    ),
]
