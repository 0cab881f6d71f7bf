"""Linear classifiers: softmax regression, with autograd in place of the chain rule by hand."""

import torch

from dlcore.nn.linear import linear
from dlcore.nn.losses import cross_entropy
from dlcore.nn.softmax import softmax


class SoftmaxRegression(torch.nn.Module):
    """Multinomial logistic regression, :eq:`eq-softmax-regression`.

    Weights w (classes, features) and biases b (classes) start at zero,
    which is safe because the loss is convex.
    """

    def __init__(self, features: int, classes: int, dtype=torch.float32):
        super().__init__()
        if features < 1 or classes < 2:
            raise ValueError(
                f"features must be >= 1 and classes >= 2, "
                f"got features={features}, classes={classes}"
            )
        self.w = torch.nn.Parameter(torch.zeros(classes, features, dtype=dtype))
        self.b = torch.nn.Parameter(torch.zeros(classes, dtype=dtype))

    def logits(self, x):
        return linear(x, self.w, self.b)

    def probabilities(self, x):
        return softmax(self.logits(x))

    def predict(self, x):
        return self.logits(x).argmax(dim=-1)

    def forward(self, x):
        return self.logits(x)

    def fit(self, x, labels, batches, optimizer):
        """One step an index array in `batches`; the loss before each."""
        if len(x) != len(labels):
            raise ValueError(f"x and labels must be as many, got {len(x)}, {len(labels)}")
        losses = [torch.empty(0)]
        for rows in batches:
            loss = cross_entropy(self.logits(x[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach()[None])
        return torch.cat(losses)
