"""Vision transformer: an image as a sentence of patches."""

import torch
from torch import nn
from torch.nn.init import trunc_normal_, zeros_

from dlcore.nn.cnn import check


class Block(nn.Module):
    """x = x + attention(norm(x)), then x = x + feed_forward(norm(x)): pre-norm."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.feed_forward = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x):
        a = self.norm1(x)
        x = x + self.attention(a, a, a, need_weights=False)[0]
        return x + self.feed_forward(self.norm2(x))


class ViT(nn.Module):
    """Dosovitskiy et al. (2020); ViT-B/16, as the defaults are, has 86,567,656 parameters.

    A convolution whose stride is its size makes a vector of each patch. A learned class token is
    put before them; all have learned positions, and what the encoder makes of the class token is
    classified.
    """

    def __init__(
        self, generator, classes=1000, inputs=3, side=224, patch=16, width=768, heads=12, layers=12
    ):
        super().__init__()
        if patch < 1 or side < patch or side % patch:
            raise ValueError(f"patches must divide the image, got side={side}, patch={patch}")
        if width % heads:
            raise ValueError(f"width must be a multiple of heads, got width={width}, heads={heads}")
        self.inputs, self.side = inputs, side
        self.patches = nn.Conv2d(inputs, width, patch, stride=patch)
        self.token = nn.Parameter(torch.empty(1, 1, width))
        self.places = nn.Parameter(torch.empty(1, 1 + (side // patch) ** 2, width))
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(layers)))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)
        for name, p in self.named_parameters():
            if p.ndim > 1:
                trunc_normal_(p, std=0.02, generator=generator)
            elif name.endswith("bias"):
                zeros_(p)

    def forward(self, x):
        """Scores (n, classes) for images (n, inputs, side, side)."""
        check(x, self.inputs, self.side)
        patches = self.patches(x).flatten(2).mT  # (n, patches, width)
        x = torch.cat([self.token.expand(len(x), -1, -1), patches], dim=1) + self.places
        return self.head(self.norm(self.blocks(x))[:, 0])
