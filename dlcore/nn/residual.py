"""Residual networks: blocks that add to what they are given, so that depth does no harm."""

from torch import nn
from torch.nn import functional as F
from torch.nn.init import zeros_

from dlcore.nn.cnn import check_least, start


def conv(inputs: int, outputs: int, kernel: int, stride=1):
    """A convolution without bias, as batch normalization follows it."""
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)


class Pad(nn.Module):
    """A shortcut without parameters: every stride-th pixel, and new channels of zeros."""

    def __init__(self, channels: int, stride: int):
        super().__init__()
        self.channels, self.stride = channels, stride

    def forward(self, x):
        x = x[:, :, :: self.stride, :: self.stride]
        return F.pad(x, (0, 0, 0, 0, 0, self.channels))


def way_round(inputs: int, outputs: int, stride: int, shortcut):
    """What is added to a block's result: x itself where the shapes agree, or x made to fit.

    `shortcut` is "project" (a 1 × 1 convolution, option B of He et al.), "pad" (option A) or None
    for a plain network, in which nothing is added.
    """
    if shortcut not in ("project", "pad", None):
        raise ValueError(f"shortcut must be 'project', 'pad' or None, got {shortcut!r}")
    if shortcut is None:
        return None
    if stride == 1 and inputs == outputs:
        return nn.Identity()
    if shortcut == "pad":
        return Pad(outputs - inputs, stride)
    return nn.Sequential(conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))


class BasicBlock(nn.Module):
    """y = relu(x + f(x)), f being two 3 × 3 convolutions with batch normalization."""

    expansion = 1

    def __init__(self, inputs: int, width: int, stride=1, shortcut="project"):
        super().__init__()
        self.conv1, self.bn1 = conv(inputs, width, 3, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3), nn.BatchNorm2d(width)
        self.downsample = way_round(inputs, width, stride, shortcut)

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)))
        h = self.bn2(self.conv2(h))
        return F.relu(h if self.downsample is None else self.downsample(x) + h)


class Bottleneck(nn.Module):
    """y = relu(x + f(x)), f being 1 × 1, 3 × 3 and 1 × 1: few channels where kernels are large.

    The stride is that of the 3 × 3 convolution, as in torchvision; the paper has it one earlier.
    """

    expansion = 4

    def __init__(self, inputs: int, width: int, stride=1, shortcut="project"):
        super().__init__()
        outputs = self.expansion * width
        self.conv1, self.bn1 = conv(inputs, width, 1), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3, stride), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = conv(width, outputs, 1), nn.BatchNorm2d(outputs)
        self.downsample = way_round(inputs, outputs, stride, shortcut)

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)))
        h = F.relu(self.bn2(self.conv2(h)))
        h = self.bn3(self.conv3(h))
        return F.relu(h if self.downsample is None else self.downsample(x) + h)


def stage(block, inputs: int, width: int, count: int, stride: int, shortcut):
    """`count` blocks, the first with the stride; also how many channels come out."""
    outputs = block.expansion * width
    blocks = [block(inputs, width, stride, shortcut)]
    blocks += [block(outputs, width, 1, shortcut) for _ in range(count - 1)]
    return nn.Sequential(*blocks), outputs


class ResNet(nn.Module):
    """Stages of `counts` blocks; each after the first halves the image and doubles the channels.

    At first the image is reduced to a quarter, or, if `small`, kept. Parameters have the names of
    torchvision, so that its trained weights fit. `shortcut` is as in `way_round`.
    """

    def __init__(
        self, block, counts, generator, classes=1000, inputs=3, width=64, small=False,
        shortcut="project",
    ):  # fmt: skip
        super().__init__()
        self.inputs, self.stages = inputs, len(counts)
        self.least = 2 ** (len(counts) - 1) * (1 if small else 4)
        self.conv1 = conv(inputs, width, 3) if small else conv(inputs, width, 7, stride=2)
        self.bn1 = nn.BatchNorm2d(width)
        self.maxpool = nn.Identity() if small else nn.MaxPool2d(3, stride=2, padding=1)
        outputs = width
        for i, count in enumerate(counts):
            stride = 2 if i else 1
            layer, outputs = stage(block, outputs, width * 2**i, count, stride, shortcut)
            self.add_module(f"layer{i + 1}", layer)
        self.fc = nn.Linear(outputs, classes)
        start(self, generator)

    def forward(self, x):
        """Scores (n, classes) for images (n, inputs, i, j)."""
        check_least(x, self.inputs, self.least)
        x = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        for i in range(self.stages):
            x = self.get_submodule(f"layer{i + 1}")(x)
        return self.fc(x.mean(dim=(2, 3)))


RESNETS = {
    18: (BasicBlock, (2, 2, 2, 2)),
    34: (BasicBlock, (3, 4, 6, 3)),
    50: (Bottleneck, (3, 4, 6, 3)),
    101: (Bottleneck, (3, 4, 23, 3)),
    152: (Bottleneck, (3, 8, 36, 3)),
}


def resnet(depth: int, generator, classes=1000, inputs=3, width=64):
    """A network of He et al. (2015) for photographs; ResNet-50 has 25,557,032 parameters."""
    if depth not in RESNETS:
        raise ValueError(f"depth must be one of {list(RESNETS)}, got {depth}")
    return ResNet(*RESNETS[depth], generator, classes, inputs, width)


def cifar_resnet(depth: int, generator, classes=10, inputs=3, width=16, shortcut="pad"):
    """Their network for small images, of depth 6 n + 2; ResNet-20 has 269,722 parameters.

    Shortcuts have no parameters, so that the plain network, with None, has as many.
    """
    if depth < 8 or depth % 6 != 2:
        raise ValueError(f"depth must be 6 n + 2 for a whole n >= 1, got {depth}")
    counts = 3 * (depth // 6,)
    return ResNet(BasicBlock, counts, generator, classes, inputs, width, True, shortcut)


def zero_last_scales(model):
    """Let every block begin as relu(x): the last batch normalization of f then returns zeros."""
    for block in model.modules():
        if isinstance(block, BasicBlock):
            zeros_(block.bn2.weight)
        elif isinstance(block, Bottleneck):
            zeros_(block.bn3.weight)
