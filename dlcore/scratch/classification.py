"""Linear classifiers: softmax regression, and linear discriminant analysis as its baseline."""

import numpy as np

from dlcore.scratch.linear import linear, linear_vjp
from dlcore.scratch.losses import cross_entropy, cross_entropy_vjp, one_hot
from dlcore.scratch.softmax import softmax


class SoftmaxRegression:
    """Multinomial logistic regression, :eq:`eq-softmax-regression`, with zero initial weights.

    Weights are (classes, features), biases (classes); zeros are safe because the loss is convex.
    """

    def __init__(self, features: int, classes: int, dtype=np.float32):
        if features < 1 or classes < 2:
            raise ValueError(
                f"features must be >= 1 and classes >= 2, got features={features}, "
                f"classes={classes}"
            )
        self.w = np.zeros((classes, features), dtype)
        self.b = np.zeros(classes, dtype)

    def logits(self, x):
        return linear(x, self.w, self.b)

    def probabilities(self, x):
        return softmax(self.logits(x))

    def predict(self, x):
        return self.logits(x).argmax(axis=-1)

    def loss_and_grads(self, x, labels):
        """The cross-entropy and its gradients for w and b: the chain rule by hand."""
        logits = self.logits(x)
        loss = cross_entropy(logits, labels)
        dlogits = cross_entropy_vjp(1.0, loss, logits, labels)
        _, dw, db = linear_vjp(dlogits, logits, x, self.w, self.b)
        return loss, [dw, db]

    def fit(self, x, labels, batches, optimizer):
        """One optimizer step for each index array in `batches`; returns the loss before each."""
        losses = []
        for rows in batches:
            loss, grads = self.loss_and_grads(x[rows], labels[rows])
            optimizer.step(grads)
            losses.append(loss)
        return np.array(losses)


def linear_discriminant(x, labels):
    """Weights and biases of linear discriminant analysis, :eq:`eq-lda`.

    Shapes: (n,d),(n)->(k,d),(k)

    Each class is a Gaussian with its own mean and one covariance for all; k = max label + 1.
    """
    x, labels = np.asarray(x), np.asarray(labels)
    if x.ndim != 2 or labels.shape != x.shape[:1]:
        raise ValueError(f"x must be (n, d) and labels (n), got {x.shape} and {labels.shape}")
    y = one_hot(labels, int(labels.max()) + 1)
    count = y.sum(axis=0)
    if not count.all():
        raise ValueError(f"labels must hold every class 0..k-1, none is {np.argmin(count)}")
    means = (y.T @ x) / count[:, None]
    rest = x - means[labels]
    covariance = rest.T @ rest / (len(x) - len(count))
    w = means @ np.linalg.pinv(covariance, hermitian=True)  # pinv: some pixels never change
    return w, np.log(count / len(x)) - 0.5 * (w * means).sum(axis=1)
