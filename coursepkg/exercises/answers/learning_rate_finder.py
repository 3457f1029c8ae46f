"""Answers to the exercises on finding the learning rate."""

from __future__ import annotations

from coursepkg.exercises.answers import Answers, patches

batch_losses = Answers(
    mistakes=patches(
        """
        all batches alike: the last batch is smaller than the others; count instances, not batches
        - np.minimum(batch_size * np.arange(1, len(means) + 1), n)
        + batch_size * np.arange(1, len(means) + 1)
        not divided: the difference is the sum of the batch's losses; divide it by the number of its instances
        -  / np.diff(seen, prepend=0)
        unchanged: these are the running means themselves
        - np.diff(sums, prepend=0) / np.diff(seen, prepend=0)
        + means
        differences of the means: subtract sums, not means: multiply each mean by the number of instances seen so far
          first
        - np.diff(sums, prepend=0) / np.diff(seen, prepend=0)
        + np.diff(means, prepend=0)
        the first batch is missing: one loss is missing; the first mean is the first loss
        - , prepend=0
        a mean over the means: you averaged once more; the averaging has to be undone
        - np.diff(sums, prepend=0) / np.diff(seen, prepend=0)
        + np.cumsum(means) / np.arange(1, len(means) + 1)
        """
    )
)

rules = Answers(
    mistakes=patches(
        """
        the turning point itself: the first rule takes a tenth of the turning point
        - rates[turn] / 10
        + rates[turn]
        slope against the rate: divide by the differences of log10(rates), not of the rates
        - np.log10(rates[upto])
        + rates[upto]
        the whole curve: look for the steepest descent before the turning point only; later falls belong to the chaos
        - slice(0, turn + 1)
        + slice(None)
        steepest rise: the steepest descent is the most negative slope
        - argmin()
        + argmax()
        the divergence itself: the third rule takes half of the rate at which the loss has diverged
        - rates[diverged] / 2
        + rates[diverged]
        any rise: the loss has diverged when it is above its first value, not when it begins to rise
        - > smoothed[0]
        + > smoothed[turn]
        before the turning point: a loss that lies above the first one before the turning point is noise; look after
          the turning point
        - smoothed[turn + 1 :] > smoothed[0]) + turn + 1
        + smoothed[1:] > smoothed[0]) + 1
        """
    )
)
