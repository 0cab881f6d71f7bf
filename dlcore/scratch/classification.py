"""Linear classifiers: softmax regression, and linear discriminant analysis as its baseline."""

import numpy as np

from dlcore.scratch.linear import linear, linear_vjp
from dlcore.scratch.losses import cross_entropy, cross_entropy_vjp, one_hot
from dlcore.scratch.softmax import softmax


class SoftmaxRegression:
    """Multinomial logistic regression, :eq:`eq-softmax-regression`.

    Weights w (classes, features) and biases b (classes) start at zero,
    which is safe because the loss is convex.
    """

    def __init__(self, features: int, classes: int, dtype=np.float32):
        if features < 1 or classes < 2:
            raise ValueError(
                f"features must be >= 1 and classes >= 2, "
                f"got features={features}, classes={classes}"
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
        """The cross-entropy and its gradients: the chain rule by hand."""
        logits = self.logits(x)
        loss = cross_entropy(logits, labels)
        dlogits = cross_entropy_vjp(1.0, loss, logits, labels)
        _, dw, db = linear_vjp(dlogits, logits, x, self.w, self.b)
        return loss, [dw, db]

    def fit(self, x, labels, batches, optimizer):
        """One step an index array in `batches`; the loss before each."""
        x, labels = examples(x, labels)
        losses = []
        for rows in batches:
            loss, grads = self.loss_and_grads(x[rows], labels[rows])
            optimizer.step(grads)
            losses.append(loss)
        return np.array(losses)


def examples(x, labels):
    """Features and labels as arrays, one label an example.

    Shapes: (n,d),(n)->(n,d),(n)
    """
    x, labels = np.asarray(x), np.asarray(labels)
    if x.ndim != 2 or labels.shape != x.shape[:1]:
        shapes = f"{x.shape}, {labels.shape}"
        raise ValueError(f"x must be (n, d), labels (n), got {shapes}")
    return x, labels


def linear_discriminant(x, labels):
    """Weights and biases of linear discriminant analysis, :eq:`eq-lda`.

    Shapes: (n,d),(n)->(k,d),(k)

    Classes are Gaussians that share one covariance; labels are 0 to k - 1.
    """
    x, labels = examples(x, labels)
    y = one_hot(labels, int(labels.max(initial=0)) + 1)
    if len(x) <= y.shape[1] or not np.isfinite(x).all():
        raise ValueError("x must be finite and have more rows than classes")
    count = y.sum(axis=0)
    if not count.all():
        raise ValueError(f"labels must hold every class: no {count.argmin()}")
    means = (y.T @ x) / count[:, None]
    rest = x - means[labels]
    scale = rest.std(axis=0)
    scale[scale == 0] = 1  # some pixels never change
    means, rest = means / scale, rest / scale  # units must not matter
    covariance = rest.T @ rest / (len(x) - len(count))
    # The pseudoinverse gives no weight to what never changes.
    w = means @ np.linalg.pinv(covariance, hermitian=True)
    b = np.log(count / len(x)) - 0.5 * (w * means).sum(axis=1)
    return w / scale, b
