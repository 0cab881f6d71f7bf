"""Convolutional networks for images: a small one, and LeNet, AlexNet, VGG and GoogLeNet."""

import torch
from torch import nn
from torch.nn.init import kaiming_normal_, xavier_normal_, zeros_

from dlcore.nn.activations import relu
from dlcore.nn.convolution import conv2d, output_size
from dlcore.nn.init import he_normal
from dlcore.nn.linear import linear
from dlcore.nn.losses import cross_entropy
from dlcore.nn.pooling import max_pool2d


def check(x, inputs: int, side: int):
    """Stops unless x is a batch of square images of the size that the model was built for."""
    if x.shape[1:] != (inputs, side, side):
        raise ValueError(f"x must be (n, {inputs}, {side}, {side}), got {tuple(x.shape)}")


def check_least(x, inputs: int, least: int):
    """Stops unless x is a batch of images, none smaller than a model can halve."""
    if x.ndim != 4 or x.shape[1] != inputs or min(x.shape[2:]) < least:
        wanted = f"(n, {inputs}, i, j) of at least {least} × {least} pixels"
        raise ValueError(f"x must be {wanted}, got {tuple(x.shape)}")


def start(model, generator, rule=kaiming_normal_):
    """Draw the weights of all layers by He's or another rule; biases begin at zero."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            rule(layer.weight, generator=generator)
            if layer.bias is not None:
                zeros_(layer.bias)


class CNN(nn.Module):
    """Twice 3 × 3 convolution, ReLU and 2 × 2 pooling, then a linear layer.

    For 28 × 28 pixels and ten classes it has 50,186 parameters.
    """

    def __init__(self, side: int, classes: int, generator, inputs=1, channels=(32, 64)):
        super().__init__()
        if side < 4:
            raise ValueError(f"side must be at least 4, to be halved twice, got {side}")
        first, second = channels
        self.inputs, self.side = inputs, side
        self.w1 = nn.Parameter(he_normal((first, inputs, 3, 3), generator))
        self.b1 = nn.Parameter(torch.zeros(first))
        self.w2 = nn.Parameter(he_normal((second, first, 3, 3), generator))
        self.b2 = nn.Parameter(torch.zeros(second))
        self.w3 = nn.Parameter(he_normal((classes, second * (side // 4) ** 2), generator))
        self.b3 = nn.Parameter(torch.zeros(classes))

    def forward(self, x):
        """Scores (n, classes) for images (n, inputs, side, side)."""
        check(x, self.inputs, self.side)
        h = max_pool2d(relu(conv2d(x, self.w1, self.b1, padding=1)), size=2)
        h = max_pool2d(relu(conv2d(h, self.w2, self.b2, padding=1)), size=2)
        return linear(h.flatten(1), self.w3, self.b3)

    def loss(self, x, labels):
        """Mean surprisal of the labels (n)."""
        return cross_entropy(self(x), labels)


def conv(inputs: int, outputs: int, kernel: int, stride=1, groups=1):
    """A convolution that keeps the size of the image, or divides it by the stride, and a ReLU."""
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups), nn.ReLU()


def response_norm():
    """Local response normalization as in the paper of AlexNet, alpha = 1e-4."""
    # The paper multiplies alpha by the sum over five channels, torch by their mean.
    return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2)


def halve():
    """Overlapping pooling that halves the image, rounding up."""
    return nn.MaxPool2d(3, stride=2, ceil_mode=True)


def auxiliary_head(inputs: int, width: int, classes: int):
    """Scores from the middle of GoogLeNet; its pooling takes images of any size to 4 × 4."""
    return nn.Sequential(
        nn.AdaptiveAvgPool2d(4),
        *conv(inputs, 2 * width, 1),
        *(nn.Flatten(), nn.Linear(32 * width, 16 * width), nn.ReLU(), nn.Dropout(0.7)),
        nn.Linear(16 * width, classes),
    )


def classifier(inputs: int, hidden: int, classes: int):
    """Two hidden layers with dropout, then scores."""
    return nn.Sequential(
        *(nn.Linear(inputs, hidden), nn.ReLU(), nn.Dropout()),
        *(nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout()),
        nn.Linear(hidden, classes),
    )


class LeNet(nn.Module):
    """LeNet-5 {cite}`lecun1998gradient` as it is usually taught: 61,706 parameters.

    The paper has 60,000. There a map of the second convolution sees only some of the six before
    it (1,516 parameters, here 2,416), pooling learns a factor and a bias for each map (12 and 32),
    tanh is stretched, and the scores are distances to drawn digits, not a linear layer (850).
    """

    def __init__(self, generator, classes=10, inputs=1, side=32):
        super().__init__()
        if side not in (28, 32):
            raise ValueError(f"side must be 32, or 28 to be padded, got {side}")
        self.inputs, self.side = inputs, side
        self.layers = nn.Sequential(
            nn.Conv2d(inputs, 6, 5, padding=(32 - side) // 2), nn.Tanh(), nn.AvgPool2d(2),
            nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
            nn.Flatten(),
            nn.Linear(16 * 5 * 5, 120), nn.Tanh(),
            nn.Linear(120, 84), nn.Tanh(),
            nn.Linear(84, classes),
        )  # fmt: skip
        start(self, generator, xavier_normal_)

    def forward(self, x):
        """Scores (n, classes) for images (n, inputs, side, side)."""
        check(x, self.inputs, self.side)
        return self.layers(x)


class AlexNet(nn.Module):
    """The network of Krizhevsky, Sutskever and Hinton (2012): 60,965,224 parameters.

    As in the paper, convolutions 2, 4 and 5 have two groups (one a GPU then), responses are
    normalized across channels, and pooling windows overlap. `width` is the number of channels of
    the first convolution; the others keep their proportion to it.
    """

    def __init__(self, generator, classes=1000, inputs=3, side=224, width=96):
        super().__init__()
        if side < 63:
            raise ValueError(f"side must be at least 63, to be pooled three times, got {side}")
        if width < 6 or width % 6:
            raise ValueError(f"width must be a multiple of 6, got {width}")
        self.inputs, self.side = inputs, side
        places = output_size(side, 11, stride=4, padding=2)
        for _ in range(3):
            places = output_size(places, 3, stride=2)
        c1, c2, c3, hidden = width, width * 8 // 3, width * 4, width * 128 // 3
        self.features = nn.Sequential(
            nn.Conv2d(inputs, c1, 11, stride=4, padding=2), nn.ReLU(),
            response_norm(), nn.MaxPool2d(3, 2),
            *conv(c1, c2, 5, groups=2), response_norm(), nn.MaxPool2d(3, 2),
            *conv(c2, c3, 3), *conv(c3, c3, 3, groups=2), *conv(c3, c2, 3, groups=2),
            nn.MaxPool2d(3, 2),
        )  # fmt: skip
        self.classifier = classifier(c2 * places**2, hidden, classes)
        start(self, generator)

    def forward(self, x):
        """Scores (n, classes) for images (n, inputs, side, side)."""
        check(x, self.inputs, self.side)
        return self.classifier(self.features(x).flatten(1))


VGG_STAGES = {  # how many convolutions stand before each of the five poolings
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}


class VGG(nn.Module):
    """Many 3 × 3 convolutions, by Simonyan and Zisserman (2014); VGG-16 has 138,357,544 parameters.

    `width` is the number of channels of the first stage; it doubles three times. The names of the
    parameters are those of torchvision.
    """

    def __init__(self, depth: int, generator, classes=1000, inputs=3, side=224, width=64):
        super().__init__()
        if depth not in VGG_STAGES:
            raise ValueError(f"depth must be one of {list(VGG_STAGES)}, got {depth}")
        if side < 32:
            raise ValueError(f"side must be at least 32, to be halved five times, got {side}")
        self.inputs, self.side = inputs, side
        layers, last = [], inputs
        for count, factor in zip(VGG_STAGES[depth], (1, 2, 4, 8, 8)):
            for _ in range(count):
                layers += conv(last, factor * width, 3)
                last = factor * width
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.classifier = classifier(last * (side // 32) ** 2, 64 * width, classes)
        start(self, generator)

    def forward(self, x):
        """Scores (n, classes) for images (n, inputs, side, side)."""
        check(x, self.inputs, self.side)
        return self.classifier(self.features(x).flatten(1))


class Inception(nn.Module):
    """Four looks at the same image, their channels side by side.

    They are a 1 × 1 convolution (`one` channels), a 3 × 3 (`three`), a 5 × 5 (`five`) and
    pooling followed by 1 × 1 (`pooled`). Before the two large kernels a 1 × 1 convolution narrows
    the image to `thin3` and `thin5` channels, which makes them cheap.
    """

    def __init__(self, inputs: int, one, thin3, three, thin5, five, pooled):
        super().__init__()
        self.outputs = one + three + five + pooled
        paths = (
            conv(inputs, one, 1),
            [*conv(inputs, thin3, 1), *conv(thin3, three, 3)],
            [*conv(inputs, thin5, 1), *conv(thin5, five, 5)],
            [nn.MaxPool2d(3, stride=1, padding=1), *conv(inputs, pooled, 1)],
        )
        self.paths = nn.ModuleList(nn.Sequential(*path) for path in paths)

    def forward(self, x):
        """Images (n, inputs, i, j) to (n, outputs, i, j)."""
        return torch.cat([path(x) for path in self.paths], dim=1)


INCEPTIONS = {  # the channels of each module: one, thin3, three, thin5, five, pooled
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


class GoogLeNet(nn.Module):
    """Nine inception modules, by Szegedy et al. (2014, table 1): 6,998,552 parameters.

    `auxiliary` adds two heads, 13,378,280 in all, which in training bring gradients to early
    layers. As in the paper there is no batch normalization; torchvision's 6,624,904 have it, and
    3 × 3 kernels for the 5 × 5. `width` is the number of channels of the first convolution.
    """

    def __init__(self, generator, classes=1000, inputs=3, width=64, auxiliary=False):
        super().__init__()
        if width < 8 or width % 8:
            raise ValueError(f"width must be a multiple of 8, got {width}")
        self.inputs, self.width = inputs, width
        stem = [*conv(inputs, width, 7, stride=2), halve(), response_norm()]
        stem += [*conv(width, width, 1), *conv(width, 3 * width, 3), response_norm(), halve()]
        early, c4a = self.inceptions(3 * width, "3a", "3b", None, "4a")
        middle, c4d = self.inceptions(c4a, "4b", "4c", "4d")
        late, last = self.inceptions(c4d, "4e", None, "5a", "5b")
        self.early, self.middle, self.late = nn.Sequential(*stem, *early), middle, late
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.4), nn.Linear(last, classes)
        )
        heads = (c4a, c4d) if auxiliary else ()
        self.auxiliary = nn.ModuleList(auxiliary_head(c, width, classes) for c in heads)
        start(self, generator)

    def inceptions(self, inputs: int, *names):
        """The modules of these names in a row, halving the image at None, and their outputs."""
        modules = []
        for name in names:
            if name is None:
                modules.append(halve())
                continue
            modules.append(Inception(inputs, *(c * self.width // 64 for c in INCEPTIONS[name])))
            inputs = modules[-1].outputs
        return nn.Sequential(*modules), inputs

    def forward(self, x):
        """Scores (n, classes); in training, with `auxiliary`, also those of the two heads."""
        check_least(x, self.inputs, 32)
        first = self.early(x)
        second = self.middle(first)
        scores = self.head(self.late(second))
        if not (self.training and self.auxiliary):
            return scores
        return scores, *(head(h) for head, h in zip(self.auxiliary, (first, second)))
