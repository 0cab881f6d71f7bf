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
        losses = []
        for rows in batches:
            loss, grads = self.loss_and_grads(x[rows], labels[rows])
            optimizer.step(grads)
            losses.append(loss)
        return np.array(losses)


def linear_discriminant(x, labels):
    """Weights and biases of linear discriminant analysis, :eq:`eq-lda`.

    Shapes: (n,d),(n)->(k,d),(k)

    Classes are Gaussians that share one covariance; labels are 0 to k - 1.
    """
    x, labels = np.asarray(x), np.asarray(labels)
    if x.ndim != 2 or labels.shape != x.shape[:1]:
        shapes = f"{x.shape}, {labels.shape}"
        raise ValueError(f"x must be (n, d), labels (n), got {shapes}")
    y = one_hot(labels, int(labels.max()) + 1)
    count = y.sum(axis=0)
    if not count.all():
        lacking = count.argmin()
        raise ValueError(f"labels must hold every class, none is {lacking}")
    means = (y.T @ x) / count[:, None]
    rest = x - means[labels]
    covariance = rest.T @ rest / (len(x) - len(count))
    # Some pixels never change; the pseudoinverse gives them no weight.
    w = means @ np.linalg.pinv(covariance, hermitian=True)
    return w, np.log(count / len(x)) - 0.5 * (w * means).sum(axis=1)
