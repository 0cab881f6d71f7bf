"""U-Net: an image in, a class for each of its pixels out."""

import torch
from torch import nn
from torch.nn import functional as F

from dlcore.nn.cnn import conv, start


class UNet(nn.Module):
    """Ronneberger, Fischer and Brox (2015): 31,030,658 parameters for one channel and two classes.

    Going down, an image is halved `depth` times and its channels, `width` at first, are doubled:
    what is there is found, where it is gets lost. Going up, it is enlarged again, and the image of
    the same size on the way down says where. Convolutions keep the size of their input; in the
    paper they cut off a margin, with as many parameters.
    """

    def __init__(self, generator, classes=2, inputs=1, width=64, depth=4):
        super().__init__()
        self.inputs, self.multiple = inputs, 2**depth
        widths = [width * 2**level for level in range(depth + 1)]
        self.down = nn.ModuleList(twice(*pair) for pair in zip([inputs, *widths], widths))
        self.enlarge = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, stride=2) for w in widths[:-1])
        self.up = nn.ModuleList(twice(2 * w, w) for w in widths[:-1])
        self.head = nn.Conv2d(width, classes, 1)
        start(self, generator)

    def forward(self, x):
        """Scores (n, classes, i, j) for images (n, inputs, i, j)."""
        if x.ndim != 4 or x.shape[1] != self.inputs:
            raise ValueError(f"x must be (n, {self.inputs}, i, j), got {tuple(x.shape)}")
        if any(size < 1 or size % self.multiple for size in x.shape[2:]):
            size = tuple(x.shape[2:])
            raise ValueError(f"i, j must be multiples of 2^depth = {self.multiple}, got {size}")
        x, kept = self.down[0](x), []
        for down in self.down[1:]:
            kept.append(x)
            x = down(F.max_pool2d(x, 2))
        for level in reversed(range(len(kept))):
            x = self.up[level](torch.cat([kept[level], self.enlarge[level](x)], dim=1))
        return self.head(x)


def twice(inputs: int, outputs: int):
    """Two 3 × 3 convolutions, each with a ReLU."""
    return nn.Sequential(*conv(inputs, outputs, 3), *conv(outputs, outputs, 3))
